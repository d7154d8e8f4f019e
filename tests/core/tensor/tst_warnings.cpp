// What torch warns of is a line of the log.
#include <QtTest>

#include "core/base/files.h"
#include "core/base/log.h"
#include "core/tensor/torch.h"
#include "core/tensor/warnings.h"

#include <QTemporaryDir>

using namespace rlcm;

namespace {

/// Warns on its way back.
class WarningBackward : public torch::autograd::Function<WarningBackward> {
public:
    static at::Tensor forward(torch::autograd::AutogradContext* /*context*/, const at::Tensor& x) { return x * 2; }
    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* /*context*/, const torch::autograd::variable_list& gradients) {
        TORCH_WARN("on the way back");
        return {gradients[0] * 2};
    }
};

}  // namespace

class TestWarnings : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void warningsOfCallsAndOfBackwardPassesAreInTheLog() {
        QTemporaryDir folder;
        const std::filesystem::path file = (folder.path() + QStringLiteral("/log")).toStdString();
        log::openFile(file);
        log::setLevel(log::Level::Debug);
        tensor::logWarnings();
        TORCH_WARN("in a call");
        const at::Tensor x = at::ones({1}).requires_grad_(true);
        WarningBackward::apply(x).backward();
        log::error("test", "lines are written out");
        const std::string text = readFile(file);
        QVERIFY2(text.find("[torch] in a call") != std::string::npos, text.c_str());
        QVERIFY2(text.find("[torch] on the way back") != std::string::npos, text.c_str());
    }
};

QTEST_GUILESS_MAIN(TestWarnings)
#include "tst_warnings.moc"
