#pragma once
// The files inside a zip archive, as PyTorch writes them. Private to core/data.
#include <map>
#include <string>
#include <string_view>

namespace rlcm::data {

/// Contents of every entry by its name; views into `bytes`. Only stored entries are read, nothing is unpacked.
/// throws: Format naming `where` and the entry when the archive is damaged, compressed, encrypted, zip64 or in parts.
std::map<std::string_view, std::string_view> zipEntries(std::string_view bytes, const std::string& where);

/// Text of a file that is not trusted, fit for a message: short, printable.
std::string shown(std::string_view text);

}  // namespace rlcm::data
