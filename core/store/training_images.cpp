#include "core/store/training_images.h"

#include <bit>
#include <cstring>
#include <map>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "core/base/error.h"

namespace rlcm::store {
namespace {

static_assert(std::endian::native == std::endian::little, "blobs are little-endian");

template <typename Number>
std::string packed(const std::vector<Number>& numbers) {
    return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

template <typename Number>
std::vector<Number> unpacked(const SQLite::Column& column) {
    const auto bytes = static_cast<std::size_t>(column.getBytes());
    std::vector<Number> numbers(bytes / sizeof(Number));
    if (bytes > 0) {
        std::memcpy(numbers.data(), column.getBlob(), numbers.size() * sizeof(Number));
    }
    return numbers;
}

std::int32_t promptId(SQLite::Database& database, const std::string& text) {
    SQLite::Statement insert(database, "INSERT OR IGNORE INTO prompt (text) VALUES (?1)");
    insert.bind(1, text);
    insert.exec();
    SQLite::Statement find(database, "SELECT id FROM prompt WHERE text = ?1");
    find.bind(1, text);
    find.executeStep();
    return find.getColumn(0).getInt();
}

std::string promptText(SQLite::Database& database, std::int32_t id) {
    SQLite::Statement find(database, "SELECT text FROM prompt WHERE id = ?1");
    find.bind(1, id);
    return find.executeStep() ? find.getColumn(0).getString() : std::string();
}

}  // namespace

void writeTrainingImages(SQLite::Database& database, std::int64_t runNumber, std::int64_t epoch, const std::vector<run::TrainingImage>& images) {
    if (images.empty()) {
        return;
    }
    std::map<std::string, std::int32_t> known;
    std::vector<std::int32_t> prompts;
    std::vector<double> rewards, advantages;
    for (const run::TrainingImage& image : images) {
        const auto [entry, isNew] = known.try_emplace(image.prompt, 0);
        if (isNew) {
            entry->second = promptId(database, image.prompt);
        }
        prompts.push_back(entry->second);
        rewards.push_back(image.reward);
        advantages.push_back(image.advantage);
    }
    SQLite::Statement insert(database, "INSERT OR REPLACE INTO training_images (run_id, epoch, prompt_ids, rewards, advantages) VALUES (?1, ?2, ?3, ?4, ?5)");
    insert.bind(1, runNumber);
    insert.bind(2, epoch);
    int index = 3;
    for (const std::string& blob : {packed(prompts), packed(rewards), packed(advantages)}) {
        insert.bind(index++, blob.data(), static_cast<int>(blob.size()));
    }
    insert.exec();
}

std::vector<run::TrainingImage> readTrainingImages(SQLite::Database& database, std::int64_t runNumber, std::int64_t epoch) {
    SQLite::Statement row(database, "SELECT prompt_ids, rewards, advantages FROM training_images WHERE run_id = ?1 AND epoch = ?2");
    row.bind(1, runNumber);
    row.bind(2, epoch);
    if (!row.executeStep()) {
        return {};
    }
    const auto prompts = unpacked<std::int32_t>(row.getColumn(0));
    const auto rewards = unpacked<double>(row.getColumn(1)), advantages = unpacked<double>(row.getColumn(2));
    if (rewards.size() != prompts.size() || advantages.size() != prompts.size()) {
        throw Error(ErrorKind::Store, "the training images of epoch " + std::to_string(epoch) + " are damaged: their lists have unlike lengths");
    }
    std::map<std::int32_t, std::string> texts;
    std::vector<run::TrainingImage> images;
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        const auto [entry, isNew] = texts.try_emplace(prompts[i]);
        if (isNew) {
            entry->second = promptText(database, prompts[i]);
        }
        images.push_back({entry->second, rewards[i], advantages[i]});
    }
    return images;
}

}  // namespace rlcm::store
