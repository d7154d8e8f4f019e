#include "core/diffusion/step_table.h"

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::diffusion {

StepTable::StepTable(const std::vector<std::vector<double>>& rows, at::Device device) {
    ensure(!rows.empty(), "a step table needs at least one step");
    std::vector<double> flat;
    for (const auto& row : rows) {
        flat.insert(flat.end(), row.begin(), row.end());
    }
    const auto steps = static_cast<std::int64_t>(rows.size());
    m_double = at::tensor(flat, at::kDouble).view({steps, -1}).to(device);
    m_single = m_double.to(at::kFloat);
}

std::vector<at::Tensor> StepTable::at(const at::Tensor& step, const at::Tensor& x) const {
    ensure(step.numel() == 1 || step.numel() == x.size(0), "one step index, or one per row, is needed");
    const at::Tensor& table = arithmetic(x) == at::kDouble ? m_double : m_single;
    const at::Tensor gathered = table.index_select(0, step.reshape({-1}).to(table.device()));
    std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
    shape[0] = step.numel();
    std::vector<at::Tensor> columns = gathered.unbind(1);
    for (at::Tensor& column : columns) {
        column = column.reshape(shape);
    }
    return columns;
}

at::ScalarType arithmetic(const at::Tensor& x) {
    return x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

at::Tensor perRow(const at::Tensor& coefficient, const at::Tensor& x) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
    shape[0] = x.size(0);
    return coefficient.expand(shape);
}

}  // namespace rlcm::diffusion
