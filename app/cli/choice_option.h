#pragma once
// Command line options whose value is one of a setting's words.
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/run/choices.h"

namespace rlcm::cli {

template <run::Choice T>
std::vector<std::string> choiceWords() {
    const auto names = namesOf(T{});
    return {names.begin(), names.end()};
}

/// An option that sets `value`, with its words in the help and in the error of another word.
template <run::Choice T>
void addChoice(CLI::App& command, const std::string& name, T& value, const std::string& help) {
    command.add_option_function<std::string>(
               name, [&value](const std::string& word) { value = run::choiceOf<T>(word).value(); }, help)
        ->check(CLI::IsMember(choiceWords<T>()))
        ->default_str(std::string(toString(value)));
}

/// The same for a list with commas.
template <run::Choice T>
void addChoices(CLI::App& command, const std::string& name, std::vector<T>& values, const std::string& help) {
    command
        .add_option_function<std::vector<std::string>>(
            name,
            [&values](const std::vector<std::string>& words) {
                values.clear();
                for (const std::string& word : words) {
                    values.push_back(run::choiceOf<T>(word).value());
                }
            },
            help)
        ->delimiter(',')
        ->check(CLI::IsMember(choiceWords<T>()));
}

}  // namespace rlcm::cli
