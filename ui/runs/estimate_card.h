#pragma once
#include <QFrame>
#include <vector>

#include "core/run/derive.h"

class QLabel;

namespace rlcm::ui {

/// What a run will cost, before it starts: images, reward queries, denoiser evaluations, time, memory and disk.
class EstimateCard : public QFrame {
    Q_OBJECT
public:
    explicit EstimateCard(QWidget* parent = nullptr);
    /// Sum over all runs about to be made; an empty list shows dashes. `source` says where the time comes from.
    void setEstimates(const std::vector<run::Estimate>& estimates, const QString& source);

private:
    void showMemory(const run::MemoryEstimate& memory);

    QLabel* m_title = nullptr;
    QLabel *m_source = nullptr, *m_images = nullptr, *m_evaluation = nullptr, *m_queries = nullptr, *m_denoiser = nullptr, *m_time = nullptr,
           *m_memory = nullptr, *m_disk = nullptr;
};

}  // namespace rlcm::ui
