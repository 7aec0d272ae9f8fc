// The records of an association whose handshake is done (RFC 6347 section 4.1): all that is left of DTLS then. OpenSSL's SSL object would
// keep 56 KiB a peer for it; this is a few hundred octets until the first record, two cipher contexts after it. AEAD suites, epoch 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "proto/dtls/dtls_secrets.hpp"
#include "proto/srtp/packet_index.hpp"

namespace cardea {

enum class DtlsContent : std::uint8_t { change_cipher_spec = 20, alert = 21, handshake = 22, application_data = 23 };

// Header of a record on the wire: RFC 6347 section 4.1.
struct DtlsRecordHeader {
    static constexpr std::size_t kSize = 13;
    static constexpr std::uint16_t kVersion = 0xfefd;  // DTLS 1.2

    DtlsContent type{};
    std::uint16_t version = 0;
    std::uint16_t epoch = 0;
    std::uint64_t number = 0;  // 48 bits
    std::uint16_t size = 0;    // of what follows

    // Past the end: zeros, and the reader is not ok().
    [[nodiscard]] static DtlsRecordHeader read(ByteReader& reader) noexcept;
};

// Where our direction goes on: nothing that has protected a record may protect another.
struct DtlsSent {
    std::uint64_t next_number = 0;
    std::uint64_t next_nonce = 0;  // AES-GCM's explicit part (RFC 5288 section 3)
};

class DtlsRecordLayer {
  public:
    static constexpr std::size_t kOverhead = DtlsRecordHeader::kSize + 8 + 16;  // with an explicit nonce and the tag
    static constexpr std::uint16_t kEpoch = 1;                                  // there is no renegotiation

    struct Record {
        DtlsContent type;  // whatever the peer wrote there
        Bytes content;
    };

    DtlsRecordLayer(const DtlsSecrets& secrets, DtlsSent sent);
    ~DtlsRecordLayer();
    DtlsRecordLayer(DtlsRecordLayer&&) noexcept;
    DtlsRecordLayer& operator=(DtlsRecordLayer&&) noexcept;

    // A record, written to `out`. Empty: `out` is not kOverhead larger than the content, or the numbers are used up.
    [[nodiscard]] Bytes seal(DtlsContent type, Bytes content, MutableBytes out);
    // Takes records off the datagram up to one that is authentic and new, and writes its content to `out`. What is neither, or of another
    // epoch, or longer than `out`, is skipped (RFC 6347 section 4.1.2.7). None: the datagram is used up.
    [[nodiscard]] std::optional<Record> open(ByteReader& datagram, MutableBytes out);

  private:
    struct Ciphers;
    [[nodiscard]] Ciphers& ciphers();
    [[nodiscard]] bool open_one(const DtlsRecordHeader& header, Bytes fragment, MutableBytes content);

    DtlsSecrets secrets_;  // the master secret only until there are ciphers
    std::unique_ptr<Ciphers> ciphers_;
    DtlsSent sent_;
    ReplayWindow received_;
};

}  // namespace cardea
