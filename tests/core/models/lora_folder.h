#pragma once
// A folder for the LoRA files of a test.
#include <QTemporaryDir>

#include <filesystem>
#include <map>
#include <string>

#include "core/data/safetensors.h"

namespace rlcm::test {

namespace fs = std::filesystem;

class LoraFolder {
public:
    fs::path operator/(const std::string& name) const { return path() / name; }
    fs::path path() const { return m_dir.path().toStdString(); }
    fs::path write(const data::NamedTensors& tensors, const std::map<std::string, std::string>& metadata = {},
                   const std::string& name = "lora.safetensors") const {
        data::writeSafetensors(path() / name, tensors, metadata);
        return path() / name;
    }

private:
    QTemporaryDir m_dir;
};

}  // namespace rlcm::test
