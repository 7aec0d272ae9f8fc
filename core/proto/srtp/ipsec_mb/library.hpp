// libipsec-mb, opened at run time: whoever does not have it, or a processor that it suits, loses nothing.
// Only its direct GCM calls are used. They take a key schedule and a context and know nothing of the library's manager (IMB_MGR), which
// therefore serves to choose the functions for this processor and is gone afterwards; the calls may be made on any thread. All they share is
// the library's error number, which each sets to 0 and nobody reads.
#pragma once

#include <intel-ipsec-mb.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace cardea {

struct IpsecMbGcm {
    aes_gcm_pre_t prepare = nullptr;  // the key schedule
    aes_gcm_enc_dec_t seal = nullptr;
    aes_gcm_enc_dec_t open = nullptr;
};

class IpsecMbLibrary {
  public:
    [[nodiscard]] static const IpsecMbLibrary& instance();
    [[nodiscard]] std::string_view problem() const noexcept { return problem_; }  // empty: usable
    [[nodiscard]] const IpsecMbGcm& gcm(std::size_t key_size) const noexcept { return key_size == 32 ? gcm256_ : gcm128_; }

  private:
    IpsecMbLibrary();
    [[nodiscard]] std::string choose();

    IpsecMbGcm gcm128_, gcm256_;
    std::string problem_;  // after them: found out by choosing them
};

}  // namespace cardea
