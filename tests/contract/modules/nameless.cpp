// Its file has another name than it says itself.
#include <cardea/plugin.hpp>

namespace {

class Nameless final : public cardea::sdk::Plugin {
  public:
    using Plugin::Plugin;
    cardea::sdk::Reply on_request(const cardea::sdk::Request&) override { return {}; }
};

}  // namespace

CARDEA_PLUGIN(Nameless, .name = "somebody", .package = "test.plugin.somebody")
