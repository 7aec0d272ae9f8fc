#include "proto/dtls/sent_records.hpp"

#include <algorithm>

namespace cardea {

void SentRecords::on_datagram(Bytes datagram) {
    ByteReader reader{datagram};
    while (reader.left() > 0) {
        const auto from = reader.rest();
        const auto header = DtlsRecordHeader::read(reader);
        const auto fragment = reader.take(header.size);
        if (!reader.ok()) return;
        if (header.epoch == DtlsRecordLayer::kEpoch) {
            auto& sent = protected_ ? *protected_ : protected_.emplace();
            sent.next_number = std::max(sent.next_number, header.number + 1);
            sent.next_nonce = ByteReader{fragment}.be<std::uint64_t>() + 1;
        }
        if (header.type == DtlsContent::change_cipher_spec) last_flight_.clear();
        if (header.type == DtlsContent::change_cipher_spec || header.epoch == DtlsRecordLayer::kEpoch) {
            const auto record = from.first(DtlsRecordHeader::kSize + header.size);
            last_flight_.insert(last_flight_.end(), record.begin(), record.end());
        }
    }
}

}  // namespace cardea
