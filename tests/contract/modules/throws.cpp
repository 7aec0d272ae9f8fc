// Its constructor throws.
#include <cardea/plugin.hpp>

#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace {

using namespace cardea::sdk;

class Broken final : public Plugin {
  public:
    Broken(Host& host, cardea::Json config) : Plugin{host, std::move(config)} { throw std::runtime_error{"no"}; }
    Reply on_request(const Request&) override { return {}; }
};

}  // namespace

CARDEA_PLUGIN(Broken, .name = "throws", .package = "test.plugin.throws")
