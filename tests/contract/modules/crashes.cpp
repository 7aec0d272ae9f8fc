// Its constructor crashes.
#include <cardea/plugin.hpp>

#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace {

using namespace cardea::sdk;

class Broken final : public Plugin {
  public:
    Broken(Host& host, cardea::Json config) : Plugin{host, std::move(config)} { std::abort(); }
    Reply on_request(const Request&) override { return {}; }
};

}  // namespace

CARDEA_PLUGIN(Broken, .name = "crashes", .package = "test.plugin.crashes")
