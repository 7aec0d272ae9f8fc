// C libraries behind one-line owners: using SslPtr = CPtr<SSL, SSL_free>;
#pragma once

#include <memory>

namespace cardea {

template <auto Free>
struct CFree {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
template <class T, auto Free>
using CPtr = std::unique_ptr<T, CFree<Free>>;

}  // namespace cardea
