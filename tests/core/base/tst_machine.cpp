// What a container allows of the machine it runs on, in both versions of control groups.
#include <QtTest>

#include "core/base/files.h"
#include "core/base/machine.h"

#include <QTemporaryDir>
#include <thread>

using namespace rlcm;

namespace {

constexpr std::int64_t kMib = std::int64_t{1} << 20;

struct Kernel {
    QTemporaryDir folder;
    std::filesystem::path root = folder.path().toStdString();
    MachineFiles files{root / "proc", root / "groups"};

    Kernel() { write("proc/meminfo", "MemTotal:       8388608 kB\nMemFree:        1024 kB\nMemAvailable:   4194304 kB\n"); }
    void write(const std::string& file, const std::string& text) const {
        std::filesystem::create_directories((root / file).parent_path());
        writeFileAtomically(root / file, text);
    }
};

}  // namespace

class TestMachine : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void withoutGroupsTheMachineIsWhole() {
        const Kernel kernel;
        QCOMPARE(usableCores(kernel.files), static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
        QCOMPARE(availableMemory(kernel.files), 4096 * kMib);
        QCOMPARE(totalMemory(kernel.files), 8192 * kMib);
    }

    void theDriverAndTheGpusAreNamed() {
        const Kernel kernel;
        QVERIFY(gpuDriver(kernel.files).version.empty() && gpuDriver(kernel.files).models.empty());
        kernel.write("proc/driver/nvidia/version",
                     "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (x@y)  Sun Jul 27\nGCC version: 12\n");
        kernel.write("proc/driver/nvidia/gpus/0000:81:00.0/information", "Model: \t\t NVIDIA L4\nIRQ:   \t\t 90\n");
        kernel.write("proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t\t NVIDIA H100 80GB HBM3\n");
        QCOMPARE(gpuDriver(kernel.files).version, std::string("580.65.06"));
        QCOMPARE(gpuDriver(kernel.files).models, (std::vector<std::string>{"NVIDIA H100 80GB HBM3", "NVIDIA L4"}));
    }

    void theSmallestLimitOnTheWayUpHolds() {
        const Kernel kernel;
        kernel.write("proc/self/cgroup", "0::/service/job\n");
        kernel.write("groups/service/job/cpu.max", "max 100000\n");
        kernel.write("groups/service/cpu.max", "50000 100000\n");
        kernel.write("groups/service/job/memory.max", "max\n");
        kernel.write("groups/service/job/memory.current", "1\n");
        kernel.write("groups/service/memory.max", std::to_string(1024 * kMib) + "\n");
        kernel.write("groups/service/memory.current", std::to_string(700 * kMib) + "\n");
        kernel.write("groups/service/memory.stat", "anon 12\nfile 34\ninactive_file " + std::to_string(200 * kMib) + "\nactive_file 5\n");
        QCOMPARE(usableCores(kernel.files), 1);  // half a processor is one thread
        QCOMPARE(totalMemory(kernel.files), 1024 * kMib);
        QCOMPARE(availableMemory(kernel.files), 524 * kMib);
    }

    void aContainerThatDoesNotSeeItsPathHasTheRoot() {
        const Kernel kernel;
        kernel.write("proc/self/cgroup", "0::/docker/0123456789abcdef\n");
        kernel.write("groups/cpu.max", "100000 100000\n");
        kernel.write("groups/memory.max", std::to_string(512 * kMib) + "\n");
        kernel.write("groups/memory.current", std::to_string(600 * kMib) + "\n");
        QCOMPARE(usableCores(kernel.files), 1);
        QCOMPARE(availableMemory(kernel.files), std::int64_t{0});
    }

    void theFirstVersionIsReadToo() {
        const Kernel kernel;
        kernel.write("proc/self/cgroup", "5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n0::/\n");
        kernel.write("groups/cpu,cpuacct/docker/x/cpu.cfs_quota_us", "100000\n");
        kernel.write("groups/cpu,cpuacct/docker/x/cpu.cfs_period_us", "100000\n");
        kernel.write("groups/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
        kernel.write("groups/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
        kernel.write("groups/memory/docker/x/memory.limit_in_bytes", std::to_string(2048 * kMib) + "\n");
        kernel.write("groups/memory/docker/x/memory.usage_in_bytes", std::to_string(48 * kMib) + "\n");
        kernel.write("groups/memory/memory.limit_in_bytes", "9223372036854771712\n");
        kernel.write("groups/memory/memory.usage_in_bytes", std::to_string(5000 * kMib) + "\n");
        QCOMPARE(usableCores(kernel.files), 1);
        QCOMPARE(totalMemory(kernel.files), 2048 * kMib);
        QCOMPARE(availableMemory(kernel.files), 2000 * kMib);
    }

    void nonsenseIsNoLimit() {
        const Kernel kernel;
        kernel.write("proc/self/cgroup", "garbage\n::\n0::\n");
        kernel.write("groups/cpu.max", "a lot\n");
        kernel.write("groups/memory.max", "-7\n");
        kernel.write("groups/memory.current", "x\n");
        QCOMPARE(availableMemory(kernel.files), 4096 * kMib);
        QCOMPARE(usableCores(kernel.files), static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    }
};

QTEST_GUILESS_MAIN(TestMachine)
#include "tst_machine.moc"
