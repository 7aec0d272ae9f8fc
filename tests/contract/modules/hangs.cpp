// Its constructor never returns.
#include <cardea/plugin.hpp>

#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace {

using namespace cardea::sdk;

class Broken final : public Plugin {
  public:
    Broken(Host& host, cardea::Json config) : Plugin{host, std::move(config)} { while (true) std::this_thread::sleep_for(std::chrono::seconds{1}); }
    Reply on_request(const Request&) override { return {}; }
};

}  // namespace

CARDEA_PLUGIN(Broken, .name = "hangs", .package = "test.plugin.hangs")
