#include "proto/dtls/record_layer.hpp"

#include <algorithm>
#include <array>

#include "proto/srtp/evp_aead.hpp"

namespace cardea {
namespace {

constexpr std::uint64_t kNumbers = std::uint64_t{1} << 48U;

// RFC 6347 section 4.1.2.1: what stands for the sequence number of TLS.
constexpr std::uint64_t epoch_and_number(std::uint64_t number) noexcept { return std::uint64_t{DtlsRecordLayer::kEpoch} << 48U | number; }

struct Direction {
    Direction(const DtlsSuite& suite, const DtlsWriteKeys& keys, CryptDirection direction)
        : sizes{sizes_of(suite.cipher)}, aead{evp_cipher_of(suite.cipher), keys.key.first(sizes.key), direction} {
        const auto from = keys.salt.first(sizes.salt);
        std::copy(from.begin(), from.end(), salt.begin());
    }

    // RFC 5288 section 3: salt, then the explicit part. RFC 7905 section 2: epoch and number over the salt.
    [[nodiscard]] EvpAead::Nonce nonce(std::uint64_t varies) const noexcept {
        EvpAead::Nonce made{};
        ByteWriter writer{MutableBytes{made}.last(8)};
        writer.be(varies);
        for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<std::uint8_t>(made[i] ^ salt[i]);
        return made;
    }
    // RFC 5246 section 6.2.3.3.
    [[nodiscard]] bool begin(std::uint64_t nonce_part, std::uint64_t number, DtlsContent type, std::size_t size) noexcept {
        std::array<std::uint8_t, 13> associated{};
        ByteWriter writer{associated};
        writer.be(epoch_and_number(number));
        writer.be(static_cast<std::uint8_t>(type));
        writer.be(DtlsRecordHeader::kVersion);
        writer.be(static_cast<std::uint16_t>(size));
        return aead.begin(nonce(nonce_part)) && aead.add(associated);
    }
    [[nodiscard]] std::size_t overhead() const noexcept { return sizes.explicit_nonce + EvpAead::kTag; }

    RecordCipherSizes sizes;
    EvpAead aead;
    EvpAead::Nonce salt{};
};

}  // namespace

DtlsRecordHeader DtlsRecordHeader::read(ByteReader& reader) noexcept {
    DtlsRecordHeader header;
    header.type = static_cast<DtlsContent>(reader.be<std::uint8_t>());
    header.version = reader.be<std::uint16_t>();
    header.epoch = reader.be<std::uint16_t>();
    header.number = std::uint64_t{reader.be<std::uint16_t>()} << 32U;
    header.number |= reader.be<std::uint32_t>();
    header.size = reader.be<std::uint16_t>();
    return header;
}

struct DtlsRecordLayer::Ciphers {
    Ciphers(const DtlsSuite& suite, const DtlsKeys& keys)
        : ours{suite, keys.ours, CryptDirection::seal}, theirs{suite, keys.theirs, CryptDirection::open} {}
    Direction ours;
    Direction theirs;
};

DtlsRecordLayer::DtlsRecordLayer(const DtlsSecrets& secrets, DtlsSent sent) : secrets_{secrets}, sent_{sent} {}
DtlsRecordLayer::~DtlsRecordLayer() = default;
DtlsRecordLayer::DtlsRecordLayer(DtlsRecordLayer&&) noexcept = default;
DtlsRecordLayer& DtlsRecordLayer::operator=(DtlsRecordLayer&&) noexcept = default;

// Most calls have no data channel: their only record is the goodbye.
DtlsRecordLayer::Ciphers& DtlsRecordLayer::ciphers() {
    if (!ciphers_) {
        ciphers_ = std::make_unique<Ciphers>(*secrets_.suite, derive_keys(secrets_));
        secrets_.master = {};
    }
    return *ciphers_;
}

Bytes DtlsRecordLayer::seal(DtlsContent type, Bytes content, MutableBytes out) {
    if (out.size() < content.size() + kOverhead || sent_.next_number >= kNumbers) return {};
    auto& ours = ciphers().ours;
    const auto number = sent_.next_number++;
    const auto has_explicit = ours.sizes.explicit_nonce > 0;
    const auto nonce = has_explicit ? sent_.next_nonce++ : epoch_and_number(number);

    ByteWriter writer{out};
    writer.be(static_cast<std::uint8_t>(type));
    writer.be(DtlsRecordHeader::kVersion);
    writer.be(epoch_and_number(number));
    writer.be(static_cast<std::uint16_t>(content.size() + ours.overhead()));
    if (has_explicit) writer.be(nonce);
    const auto body = out.subspan(writer.size(), content.size() + EvpAead::kTag);
    if (!ours.begin(nonce, number, type, content.size()) || !ours.aead.crypt(content, body.data()) ||
        !ours.aead.finish_seal(body.last(EvpAead::kTag).data()))
        return {};
    return out.first(writer.size() + body.size());
}

std::optional<DtlsRecordLayer::Record> DtlsRecordLayer::open(ByteReader& datagram, MutableBytes out) {
    while (datagram.left() > 0) {
        const auto header = DtlsRecordHeader::read(datagram);
        const auto fragment = datagram.take(header.size);
        if (!datagram.ok()) return std::nullopt;
        if (header.version != DtlsRecordHeader::kVersion || header.epoch != kEpoch) continue;
        if (received_.check(header.number) != Freshness::fresh) continue;
        const auto overhead = ciphers().theirs.overhead();
        if (fragment.size() < overhead || fragment.size() - overhead > out.size()) continue;
        const auto content = out.first(fragment.size() - overhead);
        if (!open_one(header, fragment, content)) continue;
        received_.accept(header.number);
        return Record{header.type, content};
    }
    return std::nullopt;
}

bool DtlsRecordLayer::open_one(const DtlsRecordHeader& header, Bytes fragment, MutableBytes content) {
    auto& theirs = ciphers().theirs;
    ByteReader reader{fragment};
    const auto nonce = theirs.sizes.explicit_nonce > 0 ? reader.be<std::uint64_t>() : epoch_and_number(header.number);
    const auto body = reader.take(content.size());
    return theirs.begin(nonce, header.number, header.type, content.size()) && theirs.aead.crypt(body, content.data()) &&
           theirs.aead.finish_open(reader.take(EvpAead::kTag));
}

}  // namespace cardea
