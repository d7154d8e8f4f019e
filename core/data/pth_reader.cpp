// source: torch.serialization of PyTorch 1.6 to 2.13: NAME/data.pkl, NAME/data/<key>, NAME/byteorder in a stored zip.
#include "core/data/pth_reader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "core/base/file_error.h"
#include "core/base/files.h"
#include "core/base/lfs_pointer.h"
#include "core/data/state_dict_pickle.h"
#include "core/data/zip_entries.h"
#include "core/tensor/torch.h"

namespace rlcm::data {
namespace {

constexpr std::string_view kList = "/data.pkl";
constexpr std::string_view kOldMagic{"\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 14};

[[noreturn]] void refuseArchive(const std::string& where, const std::string& why) {
    throw Error(ErrorKind::Format, where + ": " + why);
}

at::ScalarType dtypeOf(std::string_view storage) {
    constexpr std::array<std::pair<std::string_view, at::ScalarType>, 10> kTypes{{{"FloatStorage", at::kFloat},
                                                                                  {"HalfStorage", at::kHalf},
                                                                                  {"BFloat16Storage", at::kBFloat16},
                                                                                  {"DoubleStorage", at::kDouble},
                                                                                  {"LongStorage", at::kLong},
                                                                                  {"IntStorage", at::kInt},
                                                                                  {"ShortStorage", at::kShort},
                                                                                  {"CharStorage", at::kChar},
                                                                                  {"ByteStorage", at::kByte},
                                                                                  {"BoolStorage", at::kBool}}};
    const auto found = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& row) { return row.first == storage; });
    ensure(found != kTypes.end(), "the pickle reader let an unknown storage through");
    return found->second;
}

void requireZip(std::string_view bytes, const std::string& where) {
    if (bytes.starts_with("PK\3\4")) {
        return;
    }
    refuseLfsPointer(bytes, where);
    if (bytes.starts_with(kOldMagic)) {
        refuseArchive(where,
                      "this is the legacy format of PyTorch before 1.6 (a pickle without a zip), which is not read; save it again "
                      "with a current PyTorch: torch.save(torch.load(FILE, map_location=\"cpu\"), NEW_FILE)");
    }
    refuseArchive(where, "no file of weights that PyTorch 1.6 or newer saved (it is no zip archive)");
}

class Reader {
public:
    Reader(std::string_view bytes, const std::string& where) : m_where(where), m_entries(zipEntries(bytes, where)), m_memoryLeft(2 * bytes.size()) {}

    NamedTensors read() {
        const std::string_view list = findList();
        requireLittleEndian();
        NamedTensors tensors;
        for (const PickledTensor& tensor : readStateDictPickle(list, m_where)) {
            tensors.emplace_back(std::string(tensor.name), make(tensor));
        }
        return tensors;
    }

private:
    /// Contents of the one NAME/data.pkl; remembers NAME.
    std::string_view findList() {
        std::string_view list;
        for (const auto& [name, contents] : m_entries) {
            if (name.ends_with(kList) && name.find('/') == name.size() - kList.size()) {
                if (!m_folder.empty()) {
                    refuseArchive(m_where, "it holds two lists of tensors (data.pkl)");
                }
                m_folder = std::string(name.substr(0, name.size() - kList.size())) + "/";
                list = contents;
            }
        }
        if (m_folder.empty()) {
            refuseArchive(m_where, "an archive without a list of tensors (NAME/data.pkl); torch.save did not write it");
        }
        return list;
    }
    void requireLittleEndian() const {
        const auto order = m_entries.find(m_folder + "byteorder");
        if (order != m_entries.end() && order->second != "little") {
            refuseArchive(m_where, "its byte order is \"" + shown(order->second) + "\"; only little-endian files are read");
        }
    }
    void reserve(std::uint64_t bytes) {
        if (bytes > m_memoryLeft) {
            refuseArchive(m_where, "its tensors would take more than twice the memory of the file; they overlap in a way that weights do not");
        }
        m_memoryLeft -= bytes;
    }

    /// All elements of a storage [n], copied once: the file's bytes are not aligned.
    const at::Tensor& storageOf(const PickledTensor& tensor) {
        const std::string key = m_folder + "data/" + std::string(tensor.storageKey);
        const at::ScalarType dtype = dtypeOf(tensor.storageType);
        at::Tensor& storage = m_storages[key];
        if (storage.defined()) {
            if (storage.scalar_type() != dtype || storage.numel() != tensor.storageElements) {
                refuseArchive(m_where, "the storage \"" + shown(tensor.storageKey) + "\" is described in two ways");
            }
            return storage;
        }
        const auto entry = m_entries.find(key);
        if (entry == m_entries.end()) {
            throw FileError(ErrorKind::Format, FileFault::Incomplete,
                            m_where + ": the storage \"" + shown(tensor.storageKey) + "\" of tensor \"" + shown(tensor.name) + "\" is missing");
        }
        const std::uint64_t size = at::elementSize(dtype);
        const auto elements = static_cast<std::uint64_t>(tensor.storageElements);
        if (tensor.storageElements < 0 || elements > entry->second.size() / size) {
            refuseArchive(m_where, "the storage \"" + shown(tensor.storageKey) + "\" is said to have " + std::to_string(tensor.storageElements) +
                                       " elements, its entry holds " + std::to_string(entry->second.size()) + " bytes");
        }
        const std::string_view raw = entry->second.substr(0, elements * size);
        if (dtype == at::kBool && std::any_of(raw.begin(), raw.end(), [](char c) { return c != 0 && c != 1; })) {
            refuseArchive(m_where, "the truth values of tensor \"" + shown(tensor.name) + "\" hold bytes other than 0 and 1");
        }
        reserve(raw.size());
        storage = at::empty({tensor.storageElements}, at::TensorOptions(dtype));
        if (!raw.empty()) {
            std::memcpy(storage.data_ptr(), raw.data(), raw.size());
        }
        return storage;
    }

    /// Number of elements; the view is known to lie inside its storage afterwards.
    std::uint64_t checkedElements(const PickledTensor& tensor) const {
        std::uint64_t count = 1, last = static_cast<std::uint64_t>(tensor.offset);
        bool isSound = tensor.offset >= 0;
        for (std::size_t i = 0; isSound && i < tensor.shape.size(); ++i) {
            isSound = tensor.shape[i] > 0 && tensor.strides[i] >= 0;
            std::uint64_t reach = 0;
            const auto size = static_cast<std::uint64_t>(tensor.shape[i]), stride = static_cast<std::uint64_t>(tensor.strides[i]);
            isSound = isSound && !__builtin_mul_overflow(count, size, &count) && !__builtin_mul_overflow(size - 1, stride, &reach) &&
                      !__builtin_add_overflow(last, reach, &last);
        }
        if (!isSound || last >= static_cast<std::uint64_t>(std::max<std::int64_t>(tensor.storageElements, 0))) {
            refuseArchive(m_where, "the tensor \"" + shown(tensor.name) + "\" is empty or lies outside its storage of " +
                                       std::to_string(tensor.storageElements) + " elements");
        }
        return count;
    }

    at::Tensor make(const PickledTensor& tensor) {
        const std::uint64_t count = checkedElements(tensor);
        const at::Tensor view = storageOf(tensor).as_strided(tensor.shape, tensor.strides, tensor.offset);
        if (view.is_contiguous()) {
            return view;
        }
        const std::uint64_t size = view.element_size();
        reserve(count > m_memoryLeft ? count : count * size);
        return view.contiguous();
    }

    const std::string& m_where;
    std::map<std::string_view, std::string_view> m_entries;
    std::string m_folder;  // "NAME/"
    std::map<std::string, at::Tensor> m_storages;
    std::uint64_t m_memoryLeft;
};

}  // namespace

NamedTensors readPth(const std::filesystem::path& file) {
    return readPthBytes(readFile(file), file.string());
}

NamedTensors readPthBytes(std::string_view bytes, const std::string& where) {
    requireZip(bytes, where);
    return Reader(bytes, where).read();
}

}  // namespace rlcm::data
