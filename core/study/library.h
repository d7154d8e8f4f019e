#pragma once
// Where studies lie: those that are shipped, and the user's own.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/study/study.h"

namespace rlcm::study {

struct StudyFile {
    std::string name;  ///< the file's name without .json
    std::filesystem::path file;
    bool isShipped = false;
};

/// The files in resources/studies and in studies/ of the user's data folder, by name; a user's file replaces a shipped one of its name. throws: Io.
std::vector<StudyFile> studyFiles();
/// A study by its name in the list, or by the path of its file. throws: Config naming the nearest study, or what is wrong in the file; Io, Format.
Study findStudy(const std::string& nameOrFile);
/// throws: Config, Io, Format.
Study readStudy(const std::filesystem::path& file);
/// The workspace of its runs that came with the program, to be read only; nothing where none did. throws: Io without resources.
std::optional<std::filesystem::path> recordOf(const std::string& name);

}  // namespace rlcm::study
