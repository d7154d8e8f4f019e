// source: the protocol 2 instructions of Python's pickletools; the layout that torch.save gives a state dict.
#include "core/data/state_dict_pickle.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>

#include "core/base/file_error.h"
#include "core/data/zip_entries.h"

namespace rlcm::data {
namespace {

constexpr std::size_t kMaxPickle = std::size_t{1} << 20;
constexpr std::size_t kMaxGlobal = 256;  // bytes of a module or class name
constexpr std::size_t kMaxRank = 8;
constexpr std::string_view kConvert =
    "; if you trust it, convert it with PyTorch: safetensors.torch.save_file(torch.load(FILE, map_location=\"cpu\"), "
    "\"head.safetensors\")";

constexpr std::string_view kOrderedDict = "collections.OrderedDict";
constexpr std::string_view kRebuildTensor = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kRebuildParameter = "torch._utils._rebuild_parameter";

/// Globals that a state dict may name, as "module.name".
bool isWanted(std::string_view global) {
    constexpr std::array<std::string_view, 10> kStorages = {"Float", "Half", "BFloat16", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool"};
    return global == kOrderedDict || global == kRebuildTensor || global == kRebuildParameter ||
           std::any_of(kStorages.begin(), kStorages.end(), [&](std::string_view type) { return global == "torch." + std::string(type) + "Storage"; });
}

/// Instructions that we do not follow, for messages.
std::string instructionName(unsigned char code) {
    static const std::map<unsigned char, const char*> kNames = {{'0', "POP"},
                                                                {'1', "POP_MARK"},
                                                                {'2', "DUP"},
                                                                {'F', "FLOAT"},
                                                                {'I', "INT"},
                                                                {'L', "LONG"},
                                                                {'P', "PERSID"},
                                                                {'S', "STRING"},
                                                                {'T', "BINSTRING"},
                                                                {'U', "SHORT_BINSTRING"},
                                                                {'V', "UNICODE"},
                                                                {'a', "APPEND"},
                                                                {'d', "DICT"},
                                                                {'e', "APPENDS"},
                                                                {'g', "GET"},
                                                                {'i', "INST"},
                                                                {'l', "LIST"},
                                                                {'o', "OBJ"},
                                                                {'p', "PUT"},
                                                                {'G', "BINFLOAT"},
                                                                {'B', "BINBYTES"},
                                                                {'C', "SHORT_BINBYTES"},
                                                                {']', "EMPTY_LIST"},
                                                                {0x81, "NEWOBJ"},
                                                                {0x82, "EXT1"},
                                                                {0x83, "EXT2"},
                                                                {0x84, "EXT4"},
                                                                {0x8b, "LONG4"},
                                                                {0x8c, "SHORT_BINUNICODE"},
                                                                {0x8d, "BINUNICODE8"},
                                                                {0x8e, "BINBYTES8"},
                                                                {0x8f, "EMPTY_SET"},
                                                                {0x90, "ADDITEMS"},
                                                                {0x91, "FROZENSET"},
                                                                {0x92, "NEWOBJ_EX"},
                                                                {0x93, "STACK_GLOBAL"},
                                                                {0x94, "MEMOIZE"},
                                                                {0x95, "FRAME"},
                                                                {0x96, "BYTEARRAY8"},
                                                                {0x97, "NEXT_BUFFER"},
                                                                {0x98, "READONLY_BUFFER"}};
    const auto found = kNames.find(code);
    return found != kNames.end() ? found->second : "number " + std::to_string(code);
}

enum class Kind { None, Bool, Int, Text, Global, Tuple, Dict, Storage, Tensor };

const char* toString(Kind kind) {
    constexpr std::array<const char*, 9> kNames = {"None",    "a truth value", "a number",  "a text",  "a global",
                                                   "a tuple", "a dictionary",  "a storage", "a tensor"};
    return kNames[static_cast<std::size_t>(kind)];
}

/// One value on the stack. Containers live in the machine, so that a pickle that contains itself frees like any other.
struct Value {
    Kind kind = Kind::None;
    std::int64_t number = 0;  ///< the number itself, or the container's index
    std::string_view text{};  ///< of a text; "module.name" of a global
};

using Values = std::vector<Value>;

class Machine {
public:
    Machine(std::string_view pickle, const std::string& where) : m_rest(pickle), m_size(pickle.size()), m_where(where) {}

    std::vector<PickledTensor> run() {
        if (m_size > kMaxPickle) {
            refuse("its list of tensors has " + std::to_string(m_size) + " bytes, more than the limit of 1 MiB");
        }
        while (true) {
            const auto code = static_cast<unsigned char>(take(1)[0]);
            if (code == '.') {
                return result();
            }
            follow(code);
        }
    }

private:
    std::string refusal(const std::string& why) const { return m_where + " is no file of weights alone: " + why; }
    [[noreturn]] void refuse(const std::string& why) const { throw Error(ErrorKind::Format, refusal(why)); }
    [[noreturn]] void refuseDamaged(const std::string& why) const {
        throw FileError(ErrorKind::Format, FileFault::Incomplete,
                        refusal("at byte " + std::to_string(m_size - m_rest.size()) + " of its list of tensors " + why));
    }

    // --- bytes ---
    std::string_view take(std::size_t count) {
        if (count > m_rest.size()) {
            refuse("its list of tensors is cut off");
        }
        const std::string_view bytes = m_rest.substr(0, count);
        m_rest.remove_prefix(count);
        return bytes;
    }
    std::uint64_t takeNumber(std::size_t width) {
        std::uint64_t value = 0;
        const std::string_view bytes = take(width);
        for (std::size_t i = width; i-- > 0;) {
            value = value << 8 | static_cast<unsigned char>(bytes[i]);
        }
        return value;
    }
    /// Two's complement of `width` <= 8 bytes.
    std::int64_t takeSigned(std::size_t width) {
        const std::uint64_t value = takeNumber(width);
        const bool isNegative = width > 0 && width < 8 && (value >> (8 * width - 1)) != 0;
        return static_cast<std::int64_t>(isNegative ? value | ~std::uint64_t{0} << (8 * width) : value);
    }
    std::string takeLine() {
        const std::size_t end = m_rest.substr(0, kMaxGlobal).find('\n');
        if (end == std::string_view::npos) {
            refuseDamaged("a name does not end");
        }
        return std::string(take(end + 1).substr(0, end));
    }

    // --- stack ---
    void push(Kind kind, std::int64_t number = 0, std::string_view text = {}) { m_stack.push_back({kind, number, text}); }
    Value pop() {
        if (m_stack.empty() || (!m_marks.empty() && m_marks.back() == m_stack.size())) {
            refuseDamaged("an instruction lacks its values");
        }
        const Value value = m_stack.back();
        m_stack.pop_back();
        return value;
    }
    Value pop(Kind kind, const char* of) {
        const Value value = pop();
        if (value.kind != kind) {
            refuseDamaged(std::string(toString(value.kind)) + " stands where " + of + " wants " + toString(kind));
        }
        return value;
    }
    /// Values above the last mark.
    Values popToMark() {
        if (m_marks.empty()) {
            refuseDamaged("a mark is missing");
        }
        const auto first = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
        Values values(first, m_stack.end());
        m_stack.erase(first, m_stack.end());
        m_marks.pop_back();
        return values;
    }
    void pushTuple(Values values) {
        push(Kind::Tuple, static_cast<std::int64_t>(m_lists.size()));
        m_lists.push_back(std::move(values));
    }
    void pushDict() {
        push(Kind::Dict, static_cast<std::int64_t>(m_lists.size()));
        m_lists.emplace_back();
    }
    void pushTopTuple(std::size_t count) {
        Values values(count);
        for (std::size_t i = count; i-- > 0;) {
            values[i] = pop();
        }
        pushTuple(std::move(values));
    }
    Values& contents(const Value& value) { return m_lists[static_cast<std::size_t>(value.number)]; }

    // --- instructions ---
    void follow(unsigned char code) {
        switch (code) {
            case 0x80:
                if (const auto protocol = takeNumber(1); protocol != 2) {
                    refuse("it uses pickle protocol " + std::to_string(protocol) + ", only 2 is read (PyTorch's default)");
                }
                return;
            case '(':
                return m_marks.push_back(m_stack.size());
            case ')':
                return pushTuple({});
            case 't':
                return pushTuple(popToMark());
            case 0x85:
                return pushTopTuple(1);
            case 0x86:
                return pushTopTuple(2);
            case 0x87:
                return pushTopTuple(3);
            case '}':
                return pushDict();
            case 'N':
                return push(Kind::None);
            case 0x88:
                return push(Kind::Bool, 1);
            case 0x89:
                return push(Kind::Bool, 0);
            case 'K':
                return push(Kind::Int, static_cast<std::int64_t>(takeNumber(1)));
            case 'M':
                return push(Kind::Int, static_cast<std::int64_t>(takeNumber(2)));
            case 'J':
                return push(Kind::Int, takeSigned(4));
            case 0x8a:
                return pushLong();
            case 'X':
                return push(Kind::Text, 0, take(takeNumber(4)));
            case 'q':
                return remember(takeNumber(1));
            case 'r':
                return remember(takeNumber(4));
            case 'h':
                return recall(takeNumber(1));
            case 'j':
                return recall(takeNumber(4));
            case 's':
                return setItem();
            case 'u':
                return setItems();
            case 'c':
                return pushGlobal();
            case 'Q':
                return pushStorage();
            case 'R':
                return reduce();
            case 'b':
                return build();
            default:
                refuse("its list of tensors uses the pickle instruction " + instructionName(code) + " at byte " + std::to_string(m_size - m_rest.size() - 1) +
                       ", for which weights have no use" + std::string(kConvert));
        }
    }
    void pushLong() {
        const std::uint64_t width = takeNumber(1);
        if (width > 8) {
            refuseDamaged("a number has more than 64 bits");
        }
        push(Kind::Int, takeSigned(width));
    }
    void remember(std::uint64_t slot) {
        const Value value = pop();
        m_stack.push_back(value);
        m_memo[slot] = value;
    }
    void recall(std::uint64_t slot) {
        const auto found = m_memo.find(slot);
        if (found == m_memo.end()) {
            refuseDamaged("a value is asked for that was never kept");
        }
        m_stack.push_back(found->second);
    }
    void setItem() {
        const Value value = pop(), key = pop(), dict = pop(Kind::Dict, "SETITEM");
        contents(dict).insert(contents(dict).end(), {key, value});
        m_stack.push_back(dict);
    }
    void setItems() {
        const Values items = popToMark();
        const Value dict = pop(Kind::Dict, "SETITEMS");
        if (items.size() % 2 != 0) {
            refuseDamaged("a key has no value");
        }
        contents(dict).insert(contents(dict).end(), items.begin(), items.end());
        m_stack.push_back(dict);
    }
    void pushGlobal() {
        const std::string module = takeLine();
        const std::string global = module + "." + takeLine();
        if (!isWanted(global)) {
            refuse("it asks for " + shown(global) + ", for which weights have no use" + std::string(kConvert));
        }
        push(Kind::Global, 0, *m_globals.insert(global).first);
    }
    void pushStorage() {
        const Values& parts = contents(pop(Kind::Tuple, "BINPERSID"));
        const bool isStorage = parts.size() == 5 && parts[0].kind == Kind::Text && parts[0].text == "storage" && parts[1].kind == Kind::Global &&
                               parts[1].text.ends_with("Storage") && parts[2].kind == Kind::Text && parts[3].kind == Kind::Text && parts[4].kind == Kind::Int;
        if (!isStorage) {
            refuseDamaged("a reference is not to a storage");
        }
        // parts[3] is the device it was saved from, which does not matter here.
        PickledTensor tensor;
        tensor.storageType = parts[1].text.substr(std::string_view("torch.").size());
        tensor.storageKey = parts[2].text;
        tensor.storageElements = parts[4].number;
        push(Kind::Storage, static_cast<std::int64_t>(m_tensors.size()));
        m_tensors.push_back(std::move(tensor));
    }
    void reduce() {
        const Values& arguments = contents(pop(Kind::Tuple, "REDUCE"));
        const std::string_view global = pop(Kind::Global, "REDUCE").text;
        if (global == kOrderedDict && arguments.empty()) {
            return pushDict();
        }
        if (global == kRebuildParameter && !arguments.empty() && arguments[0].kind == Kind::Tensor) {
            return m_stack.push_back(arguments[0]);
        }
        if (global == kRebuildTensor) {
            return pushTensor(arguments);
        }
        refuseDamaged("it calls " + std::string(global) + " in an unknown way");
    }
    /// storage, offset, shape, strides, requires_grad, hooks[, metadata]
    void pushTensor(const Values& arguments) {
        const bool isKnown = (arguments.size() == 6 || arguments.size() == 7) && arguments[0].kind == Kind::Storage && arguments[1].kind == Kind::Int &&
                             arguments[2].kind == Kind::Tuple && arguments[3].kind == Kind::Tuple;
        if (!isKnown) {
            refuseDamaged("a tensor is described in an unknown way");
        }
        PickledTensor tensor = m_tensors[static_cast<std::size_t>(arguments[0].number)];
        tensor.offset = arguments[1].number;
        tensor.shape = numbers(contents(arguments[2]));
        tensor.strides = numbers(contents(arguments[3]));
        if (tensor.shape.size() != tensor.strides.size()) {
            refuseDamaged("a tensor has " + std::to_string(tensor.shape.size()) + " sizes and " + std::to_string(tensor.strides.size()) + " strides");
        }
        push(Kind::Tensor, static_cast<std::int64_t>(m_tensors.size()));
        m_tensors.push_back(std::move(tensor));
    }
    std::vector<std::int64_t> numbers(const Values& values) const {
        std::vector<std::int64_t> result;
        for (const Value& value : values) {
            if (value.kind != Kind::Int || values.size() > kMaxRank) {
                refuseDamaged("the shape of a tensor is not a list of up to 8 numbers");
            }
            result.push_back(value.number);
        }
        return result;
    }
    /// Attributes of the dictionary: torch keeps version numbers of modules there.
    void build() {
        pop();
        m_stack.push_back(pop(Kind::Dict, "BUILD"));
    }

    std::vector<PickledTensor> result() {
        if (m_stack.size() != 1 || m_stack[0].kind != Kind::Dict || !m_rest.empty()) {
            refuse(m_stack.size() == 1 && m_rest.empty() ? std::string("it holds ") + toString(m_stack[0].kind) + " instead of a dictionary of tensors"
                                                         : "its list of tensors does not end where it should");
        }
        const Values& items = contents(m_stack[0]);
        std::vector<PickledTensor> tensors;
        std::set<std::string_view> names;
        for (std::size_t i = 0; i < items.size(); i += 2) {
            const Value &key = items[i], &value = items[i + 1];
            if (key.kind != Kind::Text || value.kind != Kind::Tensor) {
                refuse("its entry \"" + shown(key.text) + "\" is " + toString(value.kind) +
                       ", not a tensor; save the state dict alone: torch.save(model.state_dict(), FILE)");
            }
            if (!names.insert(key.text).second) {
                refuse("it holds two tensors \"" + shown(key.text) + '"');
            }
            tensors.push_back(m_tensors[static_cast<std::size_t>(value.number)]);
            tensors.back().name = key.text;
        }
        return tensors;
    }

    std::string_view m_rest;
    std::size_t m_size;
    const std::string& m_where;
    Values m_stack;
    std::vector<std::size_t> m_marks;  // heights of the stack
    std::map<std::uint64_t, Value> m_memo;
    std::deque<Values> m_lists;                    // tuples; dictionaries as key, value, ...; places stay
    std::vector<PickledTensor> m_tensors;          // storages and tensors
    std::set<std::string, std::less<>> m_globals;  // what the views of globals point to
};

}  // namespace

std::vector<PickledTensor> readStateDictPickle(std::string_view pickle, const std::string& where) {
    return Machine(pickle, where).run();
}

}  // namespace rlcm::data
