#pragma once
// Pieces of a page that needs neither network nor scripts.
#include <string>
#include <string_view>
#include <vector>

namespace rlcm::report {

/// Text as the content of an element or of a quoted attribute; control characters become blanks.
std::string escaped(std::string_view text);
/// The first row is the header, the first column names its row. Cells are text, not HTML.
std::string htmlTable(const std::vector<std::vector<std::string>>& rows);
/// "<section><h2>..." around some HTML; empty content gives nothing.
std::string section(std::string_view title, const std::string& content);
/// A list of texts; empty without any.
std::string htmlList(const std::vector<std::string>& items);
/// An SVG document as an element of the page. Its ids get `prefix`, so that figures do not use each other's parts.
std::string inlineSvg(const std::string& document, const std::string& prefix);
/// An <img> that carries its bytes: small pictures as they are, larger ones scaled down. `png`: as stored. throws: Format.
std::string inlineImage(const std::string& png, std::string_view description);
/// The same for a picture that stands alone, as wide as the page at most: scaled down from `widest` pixels on. throws: Format.
std::string inlinePicture(const std::string& png, std::string_view description, int widest);
/// The whole document.
std::string htmlPage(std::string_view title, const std::string& body);

}  // namespace rlcm::report
