#pragma once
// What a PNG says of itself.
#include <map>
#include <string>
#include <string_view>

namespace rlcm::image {

/// The uncompressed text entries (tEXt, iTXt) before the pixels by their keywords, as encodePng writes them; of entries with one keyword the last. Damaged and compressed ones are left
/// out. source: PNG specification, third edition, 11.3.3. throws: Format when the bytes are no PNG. thread: any.
std::map<std::string, std::string> pngText(std::string_view bytes);

}  // namespace rlcm::image
