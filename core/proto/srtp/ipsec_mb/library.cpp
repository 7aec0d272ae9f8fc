#include "proto/srtp/ipsec_mb/library.hpp"

#include <dlfcn.h>

#include <bit>
#include <memory>

#include "proto/srtp/srtp.hpp"

namespace cardea {
namespace {

constexpr auto kFile = "libIPSec_MB.so.1";
constexpr std::uint64_t kNeeded = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;

struct Calls {
    decltype(&::alloc_mb_mgr) allocate;
    decltype(&::free_mb_mgr) free;
    decltype(&::init_mb_mgr_auto) choose;
    decltype(&::imb_get_errno) last_error;
    decltype(&::imb_get_strerror) error_text;
    decltype(&::imb_get_version) version;
    decltype(&::imb_get_version_str) version_text;
};

template <class Function>
bool find(void* library, const char* name, Function& function) {
    function = std::bit_cast<Function>(dlsym(library, name));
    return function != nullptr;
}

bool find_all(void* library, Calls& calls) {
    return find(library, "alloc_mb_mgr", calls.allocate) && find(library, "free_mb_mgr", calls.free) &&
           find(library, "init_mb_mgr_auto", calls.choose) && find(library, "imb_get_errno", calls.last_error) &&
           find(library, "imb_get_strerror", calls.error_text) && find(library, "imb_get_version", calls.version) &&
           find(library, "imb_get_version_str", calls.version_text);
}

std::string last_load_error() {
    const char* error = dlerror();
    return error != nullptr ? error : kFile;
}

// Without AES instructions the library computes with tables, slowly and with a time that depends on the key.
std::string unfit(std::uint64_t features) {
    if ((features & kNeeded) != kNeeded || (features & IMB_FEATURE_AESNI_EMU) != 0) return "this processor has no AES and carry-less multiplication";
    if ((features & IMB_FEATURE_SELF_TEST) != 0 && (features & IMB_FEATURE_SELF_TEST_PASS) == 0) return "its self-test failed";
    return {};
}

}  // namespace

const IpsecMbLibrary& IpsecMbLibrary::instance() {
    static const IpsecMbLibrary library;
    return library;
}

IpsecMbLibrary::IpsecMbLibrary() : problem_{choose()} {}

std::string IpsecMbLibrary::choose() {
    // Never closed: sessions call into it as long as the process lives.
    void* library = dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return last_load_error();
    Calls calls{};
    if (!find_all(library, calls)) return last_load_error();
    // The manager's layout is that of the header we were built with.
    if (calls.version() >> 8U != IMB_VERSION_NUM >> 8U)
        return "version " + std::string{calls.version_text()} + ", built for " IMB_VERSION_STR;
    const std::unique_ptr<IMB_MGR, decltype(calls.free)> manager{calls.allocate(0), calls.free};
    if (!manager) return "out of memory";
    calls.choose(manager.get(), nullptr);
    if (const int error = calls.last_error(manager.get()); error != 0) return calls.error_text(error);
    gcm128_ = {manager->gcm128_pre, manager->gcm128_enc, manager->gcm128_dec};
    gcm256_ = {manager->gcm256_pre, manager->gcm256_enc, manager->gcm256_dec};
    return unfit(manager->features);
}

std::string_view ipsec_mb_problem() { return IpsecMbLibrary::instance().problem(); }

}  // namespace cardea
