// What a C++ program needs of exceptions where there are none to be had: the interpreter has no exception handling, so
// the compiler drops `catch` blocks, and a `throw` says what it would have thrown and aborts.
#include <cstdio>
#include <cstdlib>
#include <cxxabi.h>
#include <exception>
#include <typeinfo>

namespace {

// The virtual functions of libc++abi's own type_info, in their order.
struct catcher : std::type_info {
    virtual ~catcher();
    virtual void noop1() const;
    virtual void noop2() const;
    virtual bool can_catch(const catcher *thrown, void *&object) const = 0;
};

const char *what(void *object, const std::type_info *type) {
    const auto *wanted = static_cast<const catcher *>(&typeid(std::exception));
    if (!wanted->can_catch(static_cast<const catcher *>(type), object)) {
        return nullptr;
    }
    return static_cast<std::exception *>(object)->what();
}

} // namespace

extern "C" {

void *__cxa_allocate_exception(size_t size) noexcept {
    void *object = std::calloc(1, size == 0 ? 1 : size);
    if (object == nullptr) {
        std::abort();
    }
    return object;
}

void __cxa_free_exception(void *object) noexcept { std::free(object); }

__attribute__((noreturn)) void __cxa_throw(void *object, std::type_info *type, void *(*)(void *)) {
    int status = 0;
    const char *name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
    std::fflush(stdout);
    std::fprintf(stderr, "exception thrown: %s", status == 0 ? name : type->name());
    if (const char *message = what(object, type)) {
        std::fprintf(stderr, ": %s", message);
    }
    std::fputs("\nexceptions cannot be caught here, so the program ends\n", stderr);
    std::abort();
}

__attribute__((noreturn)) void __cxa_rethrow() {
    std::fputs("an exception is rethrown where there is none\n", stderr);
    std::abort();
}

void *__cxa_begin_catch(void *object) noexcept { return object; }

void __cxa_end_catch() {}

void *__cxa_get_exception_ptr(void *object) noexcept { return object; }

}
