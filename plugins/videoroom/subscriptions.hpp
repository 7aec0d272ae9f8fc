// Which feed is on which m-line of a subscriber. No host, no SDP: only the lists.
#pragma once

#include "room.hpp"

namespace cardea::videoroom {

// A wish is an entry of "streams": {"feed", "mid"?, "crossrefid"?, "send"?, layers...}. 428 for a feed or mid that is not there.
void check_feed(const Room& room, const Json& wish);
// One line per stream of the feed; a line that waits for another feed of its kind is taken before a new one is made.
void add_feed(const Room& room, Subscriber& subscriber, const Json& wish);

// An entry of "unsubscribe": {"feed", "mid"?} or {"sub_mid"}. Whether anything was left.
bool remove_lines(Subscriber& subscriber, const Json& wish);

// Lines follow what became of a feed. Whether any had to.
bool follow_feed(const Room& room, Subscriber& subscriber, const ApiId& feed);

// Another source for a line of the same kind and codec: {"feed", "mid", "sub_mid", ...}. The line when it changed.
[[nodiscard]] Subscription* switch_line(const Room& room, Subscriber& subscriber, const Json& wish);

}  // namespace cardea::videoroom
