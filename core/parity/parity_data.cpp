// Fixtures of files, text and images: exact comparisons, except the normalised floats of the image
// preparation.
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/data/tokenizer.h"
#include "core/image/codec.h"
#include "core/image/resize.h"
#include "core/models/clip.h"
#include "core/parity/parity.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

namespace fs = std::filesystem;

/// Counts differing elements and keeps the first difference.
class ExactCount {
public:
    explicit ExactCount(std::string name) { m_quantity.name = std::move(name); }
    void add(bool isEqual, const std::string& note) {
        m_isUsed = true;
        if (!isEqual) {
            m_quantity.maxAbs += 1;
            m_quantity.note = m_quantity.note.empty() ? note : m_quantity.note;
        }
    }
    bool isUsed() const { return m_isUsed; }
    Quantity done() {
        m_quantity.passed = m_isUsed && m_quantity.maxAbs == 0;
        return m_quantity;
    }

private:
    Quantity m_quantity;
    bool m_isUsed = false;
};

// --- safetensors ---

std::string toHex(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        hex += {kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return hex;
}

bool isOrdinary(const std::string& dtype) {
    constexpr std::array<std::string_view, 13> kOrdinary{"BOOL", "U8", "I8", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64"};
    return std::find(kOrdinary.begin(), kOrdinary.end(), dtype) != kOrdinary.end();
}

/// "" when the tensor that torch gets has the bytes of the file, or an unsupported dtype is refused by its
/// name.
std::string checkTensor(const data::SafetensorsFile& file, const std::string& name, const std::string& dtype) {
    try {
        const at::Tensor tensor = file.tensor(name);
        const std::string_view have(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
        const bool isShaped = tensor.sizes() == at::IntArrayRef(file.entries().at(name).shape);
        return isOrdinary(dtype) && isShaped && have == file.bytes(name) ? "" : "tensor \"" + name + "\" is read differently";
    } catch (const Error& refused) {
        const bool isNamed = std::string(refused.what()).find(dtype) != std::string::npos;
        return !isOrdinary(dtype) && isNamed ? "" : std::string(refused.what());
    }
}

void checkContents(const data::SafetensorsFile& file, const Json& want, bool mayRefuseTensor, ExactCount& count) {
    const Json& tensors = want.contains("tensors") ? want.at("tensors") : want.at("official_reads");
    count.add(tensors.size() == file.entries().size(), std::to_string(file.entries().size()) + " tensors");
    for (const auto& [name, entry] : tensors.items()) {
        if (!file.contains(name)) {
            count.add(false, "tensor \"" + name + "\" is missing");
            continue;
        }
        const data::TensorEntry& have = file.entries().at(name);
        const auto dtype = entry.at("dtype").get<std::string>();
        count.add(have.dtype == dtype, "tensor \"" + name + "\" has dtype " + have.dtype);
        count.add(have.shape == entry.at("shape").get<std::vector<std::int64_t>>(), "tensor \"" + name + "\" has another shape");
        count.add(toHex(file.bytes(name)) == entry.at("hex").get<std::string>(), "tensor \"" + name + "\" has other bytes");
        const std::string problem = checkTensor(file, name, dtype);
        count.add(problem.empty() || mayRefuseTensor, problem);
    }
    const Json metadata = want.value("metadata", Json());
    const auto expected = metadata.is_null() ? std::map<std::string, std::string>() : metadata.get<std::map<std::string, std::string>>();
    count.add(file.metadata() == expected, "the metadata differs");
}

// --- tokenizer ---

/// 77 of "ids_77" for the prefix "ids_"; none when the key is another one.
std::optional<std::int64_t> suffixNumber(const std::string& key, const std::string& prefix) {
    const std::string tail = key.starts_with(prefix) ? key.substr(prefix.size()) : "";
    const bool isNumber = !tail.empty() && tail.size() < 6 && std::all_of(tail.begin(), tail.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    return isNumber ? std::optional<std::int64_t>(std::stoll(tail)) : std::nullopt;
}

struct TokenizerCounts {
    ExactCount ids{"ids"}, padded{"padded ids"}, keys{"prompt keys"};
};

void checkEncoding(const data::Tokenizer& tokenizer, const Json& row, TokenizerCounts& counts) {
    const auto text = row.at("text").get<std::string>();
    const std::string note = "first differing text: " + Json(text).dump();
    using Ids = std::vector<std::int64_t>;
    for (const auto& [key, value] : row.items()) {
        if (key == "ids") {
            counts.ids.add(tokenizer.encode(text) == value.get<Ids>(), note);
        } else if (const auto length = suffixNumber(key, "ids_")) {
            counts.padded.add(tokenizer.encodePadded(text, *length) == value.get<Ids>(), note);
        } else if (const auto tokens = suffixNumber(key, "prompt_key_")) {
            const std::string ours = tokenizer.promptKey(text, *tokens);
            counts.keys.add(ours == value.get<std::string>(), note + ", ours " + Json(ours).dump());
        }
    }
}

/// The folder with the vocabulary that encodings.json was made with; empty when it is not there.
fs::path vocabularyOf(const fs::path& folder, std::string& tried) {
    for (const fs::path& place : {folder / "vocab", folder, (folder / "../../tokenizer/clip").lexically_normal()}) {
        if (fs::exists(place / "vocab.json") || fs::exists(place / "tokenizer.json")) {
            return place;
        }
        tried += (tried.empty() ? "" : ", ") + place.string();
    }
    return {};
}

void checkEncodings(const fs::path& folder, Report& report) {
    std::string tried;
    const fs::path vocabulary = vocabularyOf(folder, tried);
    if (vocabulary.empty()) {
        Quantity missing;
        missing.name = "vocabulary";
        missing.maxAbs = 1;
        missing.note = "no vocabulary in " + tried;
        report.quantities.push_back(missing);
        return;
    }
    const auto tokenizer = data::Tokenizer::load(vocabulary);
    const Json json = readJsonFile(folder / "encodings.json");
    TokenizerCounts counts;
    for (const Json& row : json.at("encodings")) {
        checkEncoding(tokenizer, row, counts);
    }
    if (json.contains("padded_example")) {
        checkEncoding(tokenizer, json["padded_example"], counts);
    }
    for (ExactCount* count : {&counts.ids, &counts.padded, &counts.keys}) {
        if (count->isUsed()) {
            report.quantities.push_back(count->done());
        }
    }
}

/// A single published example: expected.json beside its own vocab.json.
void checkPublished(const fs::path& folder, Report& report) {
    if (!fs::exists(folder / "expected.json") || !fs::exists(folder / "vocab.json")) {
        return;
    }
    const Json json = readJsonFile(folder / "expected.json");
    ExactCount count(folder.filename().string() + " ids");
    const auto ids = data::Tokenizer::load(folder).encode(json.at("text").get<std::string>());
    count.add(ids == json.at("ids").get<std::vector<std::int64_t>>(), "text " + json.at("text").dump());
    report.quantities.push_back(count.done());
}

// --- images ---

image::Rgb8Image readPng(const fs::path& file) {
    return image::decodePng(readFile(file));
}

Quantity compareImages(std::string name, const image::Rgb8Image& ours, const image::Rgb8Image& expected) {
    ExactCount count(std::move(name));
    count.add(ours.width == expected.width && ours.height == expected.height,
              c10::str("size ", ours.width, " x ", ours.height, " instead of ", expected.width, " x ", expected.height));
    for (std::size_t i = 0; i < std::min(ours.pixels.size(), expected.pixels.size()); ++i) {
        count.add(ours.pixels[i] == expected.pixels[i], "first differing byte " + std::to_string(i));
    }
    return count.done();
}

/// Image [3,H,W] of bytes.
image::Rgb8Image toImage(const at::Tensor& bytesCHW) {
    const at::Tensor rows = bytesCHW.permute({1, 2, 0}).to(at::kByte).contiguous();
    const auto* start = rows.const_data_ptr<std::uint8_t>();
    return {static_cast<int>(rows.size(1)), static_cast<int>(rows.size(0)), {start, start + rows.numel()}};
}

models::ClipPreprocess preparation(const Json& json, std::int64_t size) {
    models::ClipPreprocess result;
    result.resizeTo = result.crop = size;
    for (std::size_t channel = 0; channel < 3; ++channel) {
        result.mean[channel] = json.at("mean").at(channel).get<double>();
        result.std[channel] = json.at("std").at(channel).get<double>();
    }
    return result;
}

constexpr double kNormalisedTolerance = 1e-6;  // the reference's own float32 error is 3e-7

void checkResizeCase(const fs::path& folder, const Json& json, const Json& item, const data::SafetensorsFile& tensors, Report& report) {
    const auto name = item.at("name").get<std::string>();
    const image::Rgb8Image input = readPng(folder / item.at("input").get<std::string>());
    const int size = item.at("crop").get<int>();
    const image::Rgb8Image resized = readPng(folder / (name + "_resized.png"));
    const Json& target = item.at("resized_hw");
    report.quantities.push_back(compareImages(name + " resized", image::resizeBicubic(input, target.at(1).get<int>(), target.at(0).get<int>()), resized));
    const fs::path cropFile = folder / (name + "_crop.png");
    report.quantities.push_back(compareImages(name + " cropped", image::resizeAndCrop(input, size), fs::exists(cropFile) ? readPng(cropFile) : resized));
    if (tensors.contains(name + ".pixel_values")) {
        report.quantities.push_back(
            compare(name + " normalised", preparation(json, size).apply({input})[0], tensors.tensor(name + ".pixel_values"), kNormalisedTolerance));
    }
}

/// Floats in [0,1] that the library truncates to bytes before it resizes them.
void checkFloatCase(const Json& json, const Json& item, const data::SafetensorsFile& tensors, Report& report) {
    const auto name = item.at("name").get<std::string>();
    const at::Tensor bytes = (tensors.tensor(name + ".float_input").to(at::kDouble) * 255).to(at::kFloat).to(at::kByte);
    report.quantities.push_back(compare(name + " truncated", bytes, tensors.tensor(name + ".truncated_u8"), 0));
    const auto size = item.at("crop").get<std::int64_t>();
    report.quantities.push_back(
        compare(name + " normalised", preparation(json, size).apply({toImage(bytes)})[0], tensors.tensor(name + ".pixel_values"), kNormalisedTolerance));
}

}  // namespace

Report runSafetensors(const fs::path& folder) {
    Report report;
    const Json json = readJsonFile(folder / "cases.json");
    for (const Json& item : json.at("cases")) {
        const auto file = item.at("file").get<std::string>();
        const auto verdict = item.at("recommended").get<std::string>();
        const bool isEither = verdict == "either", mustReject = verdict == "reject";
        ExactCount count(file);
        try {
            const data::SafetensorsFile opened(folder / file);
            count.add(!mustReject, "accepted: " + item.value("what", std::string()));
            if (!mustReject) {
                checkContents(opened, item, isEither, count);
            }
        } catch (const Error& refused) {
            count.add((mustReject || isEither) && refused.kind() == ErrorKind::Format, refused.what());
        }
        report.quantities.push_back(count.done());
    }
    return report;
}

Report runTokenizer(const fs::path& folder) {
    Report report;
    if (fs::exists(folder / "encodings.json")) {
        checkEncodings(folder, report);
    }
    checkPublished(folder, report);
    std::vector<fs::path> inner;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_directory()) {
            inner.push_back(entry.path());
        }
    }
    std::sort(inner.begin(), inner.end());
    for (const fs::path& part : inner) {
        checkPublished(part, report);
    }
    return report;
}

Report runJpegSizes(const fs::path& folder) {
    Report report;
    const Json json = readJsonFile(folder / "sizes.json");
    for (const auto& [file, item] : json.at("images").items()) {
        const image::Rgb8Image picture = readPng(insideFolder(folder, file));
        ExactCount count(file);
        count.add(picture.width == item.at("width").get<int>() && picture.height == item.at("height").get<int>(),
                  c10::str("size ", picture.width, " x ", picture.height));
        for (const auto& [key, value] : item.items()) {
            const bool isFull = key.ends_with("_444");
            const auto quality = suffixNumber(isFull ? key.substr(0, key.size() - 4) : key, "q");
            if (!quality) {
                continue;
            }
            const auto bytes = image::jpegSize(picture, static_cast<int>(*quality), isFull ? image::Chroma::Yuv444 : image::Chroma::Yuv420);
            count.add(bytes == value.get<std::size_t>(), c10::str(key, ": ", bytes, " bytes instead of ", value.dump()));
        }
        report.quantities.push_back(count.done());
    }
    return report;
}

Report runResize(const fs::path& folder) {
    Report report;
    const Json json = readJsonFile(folder / "cases.json");
    const data::SafetensorsFile tensors(folder / "tensors.safetensors");
    for (const Json& item : json.at("cases")) {
        checkResizeCase(folder, json, item, tensors, report);
    }
    for (const Json& item : json.value("float_cases", Json::array())) {
        checkFloatCase(json, item, tensors, report);
    }
    return report;
}

}  // namespace rlcm::parity
