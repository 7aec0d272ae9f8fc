// Stands in for libFuzzer where there is none: every file of the corpus, whole and cut short at every byte.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// Beyond this the cuts cost more time than they find.
constexpr std::size_t kMostCuts = 2048;

void run(const std::string& text, std::size_t size) {
    // An allocation of exactly this size: a read past the end is seen by the address sanitizer.
    const std::vector<std::uint8_t> bytes(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::size_t replay(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    run(text, text.size());
    std::size_t runs = 1;
    for (std::size_t size = 0; size < text.size() && size < kMostCuts; ++size, ++runs) run(text, size);
    return runs;
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t files = 0;
    std::size_t runs = 0;
    for (const char* folder : std::span{argv, static_cast<std::size_t>(argc)}.subspan(1)) {
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
            if (!entry.is_regular_file()) continue;
            std::printf("%s\n", entry.path().filename().c_str());
            std::fflush(stdout);
            runs += replay(entry.path());
            ++files;
        }
    }
    std::printf("%zu files, %zu runs\n", files, runs);
    return files == 0 ? 1 : 0;
}
