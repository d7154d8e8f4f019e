#pragma once
// A report that somebody puts together from what they see: cards with a figure, a grid of images, a table or text, in their order, as one HTML file.
#include <filesystem>
#include <string>
#include <vector>

namespace rlcm::report {

enum class CardKind { Text, Figure, Images, Table };

/// What was seen when it was made; it stays, whatever becomes of the runs.
struct Card {
    CardKind kind = CardKind::Text;
    std::string title = {};
    std::string words = {};    ///< below it; of a text the text itself
    std::string content = {};  ///< an SVG document, the bytes of a PNG, or a table as CSV with its heads; of a text empty
    std::string spec = {};     ///< of a figure that `rlcm export --spec` draws again, its JSON; else empty
    bool operator==(const Card&) const = default;
};

struct CardReport {
    std::string title = {};
    std::vector<Card> cards = {};
    bool operator==(const CardReport&) const = default;
};

/// The report in a folder; without one an empty one. throws: Format when it is damaged or of another version, Io.
CardReport readCards(const std::filesystem::path& folder);
/// Replaces the report in a folder, which is made if need be: report.json, and a file for each figure, grid and table, a figure's spec beside it. throws: Io.
void writeCards(const CardReport& report, const std::filesystem::path& folder);
/// The page, which needs neither network nor scripts. throws: Format when a picture or table is none.
std::string cardsHtml(const CardReport& report);

}  // namespace rlcm::report
