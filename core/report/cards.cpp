#include "core/report/cards.h"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/plain_text.h"
#include "core/base/sha256.h"
#include "core/figure/csv.h"
#include "core/report/html.h"

namespace rlcm::report {
namespace {

namespace fs = std::filesystem;

constexpr int kVersion = 1;
constexpr int kWidestPicture = 2400;  ///< pixels; larger grids are scaled down on the page

struct KindOfCard {
    CardKind kind;
    std::string_view name, ending;
};
constexpr std::array<KindOfCard, 4> kKindsOfCards{
    {{CardKind::Text, "text", ""}, {CardKind::Figure, "figure", ".svg"}, {CardKind::Images, "images", ".png"}, {CardKind::Table, "table", ".csv"}}};

const KindOfCard& kindOf(CardKind kind) {
    return *std::ranges::find(kKindsOfCards, kind, &KindOfCard::kind);
}

fs::path reportFile(const fs::path& folder) {
    return folder / "report.json";
}

/// A name that follows from what is inside, so that no file is ever changed.
std::string fileOf(const Card& card) {
    return card.content.empty() ? "" : sha256Hex(card.content).substr(0, 16) + std::string(kindOf(card.kind).ending);
}

Card cardOf(const Json& json, const fs::path& folder) {
    const auto name = json.at("kind").get<std::string>();
    const auto* known = std::ranges::find(kKindsOfCards, std::string_view(name), &KindOfCard::name);
    if (known == kKindsOfCards.end()) {
        throw Error(ErrorKind::Format, reportFile(folder).string() + " has a card of the kind \"" + name + "\", which this version does not know");
    }
    Card card{.kind = known->kind, .title = json.at("title").get<std::string>(), .words = json.at("words").get<std::string>()};
    if (const auto file = json.value("file", std::string()); !file.empty()) {
        card.content = readFile(insideFolder(folder, file));
        if (fs::exists(folder / (file + ".json"))) {
            card.spec = readFile(folder / (file + ".json"));
        }
    }
    return card;
}

/// What no card shows any more.
void removeOthers(const fs::path& folder, const std::set<std::string>& kept) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        if (!kept.contains(entry.path().filename().string())) {
            std::error_code ignored;  // tried again with the next change
            fs::remove(entry.path(), ignored);
        }
    }
}

/// Blank lines part paragraphs.
std::string paragraphs(const std::string& words) {
    std::string html;
    std::istringstream lines(words);
    for (std::string line; std::getline(lines, line);) {
        html += (html.empty() ? "" : "<br>") + escaped(line);
    }
    return html.empty() ? "" : "<p>" + replaced(html, "<br><br>", "</p>\n<p>") + "</p>\n";
}

std::string contentHtml(const Card& card, std::size_t number) {
    const std::string caption = card.words.empty() ? "" : "<figcaption>" + escaped(card.words) + "</figcaption>";
    switch (card.kind) {
        case CardKind::Text:
            return paragraphs(card.words);
        case CardKind::Figure:
            return "<figure>\n" + inlineSvg(card.content, "card" + std::to_string(number)) + caption + "</figure>\n";
        case CardKind::Images:
            return "<figure>\n" + inlinePicture(card.content, card.title, kWidestPicture) + caption + "</figure>\n";
        case CardKind::Table:
            return htmlTable(figure::csvRows(card.content)) + (card.words.empty() ? "" : "<p class=\"note\">" + escaped(card.words) + "</p>\n");
    }
    return {};
}

}  // namespace

CardReport readCards(const fs::path& folder) {
    CardReport report;
    const fs::path file = reportFile(folder);
    if (!fs::exists(file)) {
        return report;
    }
    const Json json = readJsonFile(file);
    try {
        if (json.at("version").get<int>() != kVersion) {
            throw Error(ErrorKind::Format, file.string() + " is of another version of the program");
        }
        report.title = json.at("title").get<std::string>();
        for (const Json& one : json.at("cards")) {
            report.cards.push_back(cardOf(one, folder));
        }
    } catch (const Json::exception& problem) {
        throw Error(ErrorKind::Format, file.string() + " is damaged: " + problem.what());
    }
    return report;
}

void writeCards(const CardReport& report, const fs::path& folder) {
    makeFolders(folder);
    std::set<std::string> kept{reportFile(folder).filename().string()};
    Json cards = Json::array();
    for (const Card& card : report.cards) {
        const std::string file = fileOf(card);
        cards.push_back({{"kind", kindOf(card.kind).name}, {"title", card.title}, {"words", card.words}, {"file", file}});
        for (const auto& [name, bytes] : {std::pair(file, &card.content), {file + ".json", &card.spec}}) {
            if (!bytes->empty() && kept.insert(name).second && !fs::exists(folder / name)) {
                writeFileAtomically(folder / name, *bytes);
            }
        }
    }
    const Json json{{"version", kVersion}, {"title", report.title}, {"cards", cards}};
    writeFileAtomically(reportFile(folder), json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    removeOthers(folder, kept);
}

std::string cardsHtml(const CardReport& report) {
    const std::string title = report.title.empty() ? "Report" : report.title;
    std::string body = "<h1>" + escaped(title) + "</h1>\n";
    for (std::size_t i = 0; i < report.cards.size(); ++i) {
        const Card& card = report.cards[i];
        // The spec goes with the figure, for whoever wants to draw it again.
        body += card.spec.empty() ? "<section>\n" : "<section data-spec=\"" + escaped(card.spec) + "\">\n";
        body += (card.title.empty() ? "" : "<h2>" + escaped(card.title) + "</h2>\n") + contentHtml(card, i) + "</section>\n";
    }
    return htmlPage(title, body);
}

}  // namespace rlcm::report
