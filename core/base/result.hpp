// Errors are values. Control path: Result<T> carries a code of the wire API and a text for people.
// Media path: tl::expected<T, SomeErrc> with an enum only, so that no packet allocates.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace cardea {

struct Error {
    int code = 0;        // a code of the Janus API (api/errors.hpp), or 0 where no client will see it
    std::string detail;  // for people
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(int code, std::string detail) {
    return tl::unexpected<Error>{Error{code, std::move(detail)}};
}

}  // namespace cardea
