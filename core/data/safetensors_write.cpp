#include <algorithm>
#include <iterator>
#include <string>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/data/safetensors.h"
#include "core/data/safetensors_dtypes.h"
#include "core/data/safetensors_stream.h"
#include "core/tensor/torch.h"

namespace rlcm::data {
namespace {

struct Item {
    const DtypeRow* dtype;
    std::string name;
    at::Tensor values;  ///< on the CPU, contiguous

    std::string_view bytes() const { return {static_cast<const char*>(values.const_data_ptr()), values.nbytes()}; }
};

/// In the order of the file. throws: Format when a dtype has no place in the format.
std::vector<Item> inOrder(const NamedTensors& tensors, const std::string& where) {
    std::vector<Item> items;
    for (const auto& [name, tensor] : tensors) {
        const auto row = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const DtypeRow& r) { return tensor.defined() && r.type == tensor.scalar_type(); });
        if (row == kDtypes.end()) {
            throw Error(ErrorKind::Format, where + ": the tensor \"" + name + "\" cannot be stored: its dtype has no place in the format");
        }
        items.push_back({&*row, name, tensor.detach().to(at::kCPU).contiguous()});
    }
    std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.dtype != b.dtype ? a.dtype > b.dtype : a.name < b.name; });
    return items;
}

std::vector<SafetensorsStream::Item> placesOf(const std::vector<Item>& items) {
    std::vector<SafetensorsStream::Item> places;
    for (const Item& item : items) {
        places.push_back({item.name, std::string(item.dtype->name), item.values.sizes().vec(), item.values.nbytes()});
    }
    return places;
}

}  // namespace

void writeSafetensors(const std::filesystem::path& file, const NamedTensors& tensors, const std::map<std::string, std::string>& metadata) {
    const std::vector<Item> items = inOrder(tensors, file.string());
    SafetensorsStream stream(file, placesOf(items), metadata);
    for (const Item& item : items) {
        stream.append(item.bytes());
    }
    stream.finish();
}

NetworkHashes networkHashes(const NamedTensors& tensors, const std::map<std::string, std::string>& metadata) {
    constexpr std::size_t kLegacyBegin = 0x100000, kLegacyEnd = 0x110000, kLengthField = 8, kLegacyDigits = 8;
    std::map<std::string, std::string> training;
    std::copy_if(metadata.begin(), metadata.end(), std::inserter(training, training.end()), [](const auto& entry) { return entry.first.starts_with("ss_"); });
    const std::vector<Item> items = inOrder(tensors, "a network");
    Sha256 whole, legacy;
    std::size_t at = kLengthField;
    const auto pass = [&](std::string_view bytes) {
        const std::size_t begin = std::clamp(kLegacyBegin, at, at + bytes.size()) - at, end = std::clamp(kLegacyEnd, at, at + bytes.size()) - at;
        legacy.update(bytes.substr(begin, end - begin));
        at += bytes.size();
    };
    pass(safetensorsHeader("a network", placesOf(items), training));
    for (const Item& item : items) {
        whole.update(item.bytes());
        pass(item.bytes());
    }
    return {whole.hex(), legacy.hex().substr(0, kLegacyDigits)};
}

}  // namespace rlcm::data
