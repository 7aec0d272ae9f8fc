// DTLS records with known keys. First byte: the suite. Then steps of an operation, an argument, and for some a size and octets: seal,
// deliver one that was sealed (again, bent or cut), deliver the octets as they are. What is opened was sealed, and comes once.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "proto/dtls/record_layer.hpp"

namespace {

using namespace cardea;

struct Sealed {
    DtlsContent type;
    std::vector<std::uint8_t> content;
    std::vector<std::uint8_t> record;
    bool delivered = false;
};

void check(bool condition) {
    if (!condition) __builtin_trap();
}

DtlsSecrets secrets_for(std::uint8_t suite, DtlsRole role) {
    DtlsSecrets secrets{.suite = &kDtlsSuites[suite % kDtlsSuites.size()], .role = role};
    std::fill(secrets.master.bytes().begin(), secrets.master.bytes().end(), std::uint8_t{0x42});
    return secrets;
}

class Link {
  public:
    explicit Link(std::uint8_t suite) : from_{secrets_for(suite, DtlsRole::client), {}}, to_{secrets_for(suite, DtlsRole::server), {}} {}

    void seal(std::uint8_t type, Bytes content) {
        std::vector<std::uint8_t> record(content.size() + DtlsRecordLayer::kOverhead);
        record.resize(from_.seal(static_cast<DtlsContent>(type), content, record).size());
        check(!record.empty());
        sealed_.push_back({static_cast<DtlsContent>(type), {content.begin(), content.end()}, std::move(record)});
    }
    void deliver(Bytes datagram) {
        std::array<std::uint8_t, 4096> out{};
        ByteReader reader{datagram};
        while (const auto opened = to_.open(reader, out)) {
            const auto found = std::find_if(sealed_.begin(), sealed_.end(), [&](const Sealed& each) {
                return !each.delivered && each.type == opened->type &&
                       std::equal(each.content.begin(), each.content.end(), opened->content.begin(), opened->content.end());
            });
            check(found != sealed_.end());
            found->delivered = true;
        }
        check(reader.left() == 0 || !reader.ok());
    }
    [[nodiscard]] const std::vector<std::uint8_t>* record(std::size_t at) const {
        return sealed_.empty() ? nullptr : &sealed_[at % sealed_.size()].record;
    }

  private:
    DtlsRecordLayer from_;
    DtlsRecordLayer to_;
    std::vector<Sealed> sealed_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteReader reader{Bytes{data, size}};
    Link link{reader.be<std::uint8_t>()};
    while (reader.left() > 0) {
        const auto operation = reader.be<std::uint8_t>();
        const auto argument = reader.be<std::uint8_t>();
        const auto take = [&] { return reader.take(std::min<std::size_t>(reader.be<std::uint8_t>(), reader.left())); };
        const auto* chosen = link.record(argument);
        switch (operation % 5) {
            case 0:
                link.seal(argument, take());
                break;
            case 1:
                if (chosen != nullptr) link.deliver(*chosen);
                break;
            case 2:
                if (chosen != nullptr) {
                    auto bent = *chosen;
                    bent[reader.be<std::uint8_t>() % bent.size()] ^= 0x10U;
                    link.deliver(bent);
                }
                break;
            case 3:
                if (chosen != nullptr) link.deliver(Bytes{*chosen}.first(reader.be<std::uint8_t>() % chosen->size()));
                break;
            default:
                link.deliver(take());
        }
    }
    return 0;
}
