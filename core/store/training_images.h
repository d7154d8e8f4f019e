#pragma once
// Inside core/store only: rewards and advantages of an epoch's training images, packed into one row.
#include <cstdint>
#include <vector>

#include "core/run/run_event.h"

namespace SQLite {
class Database;
}

namespace rlcm::store {

/// Stores the images of the epoch that ended as number `epoch`. Inside a transaction of the caller.
void writeTrainingImages(SQLite::Database& database, std::int64_t runNumber, std::int64_t epoch, const std::vector<run::TrainingImage>& images);
/// Reads them back, in sample order; empty when none are stored. throws: Store when the row is damaged.
std::vector<run::TrainingImage> readTrainingImages(SQLite::Database& database, std::int64_t runNumber, std::int64_t epoch);

}  // namespace rlcm::store
