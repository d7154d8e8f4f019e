#include "core/data/pickle_instructions.h"

#include <map>

namespace rlcm::data {

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

}  // namespace rlcm::data
