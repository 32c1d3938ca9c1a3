//! WasmEdge's own sockets, which some guests import beside preview1 without using them.
//!
//! They are not part of WASI, and no guest here can reach a network, so each answers that it is not supported. Without
//! the rows such a guest could not be loaded at all.

use vfs::Errno;

use crate::syscall::{Form, Param, Syscall, ValType, argument, param, syscalls};
use crate::{Context, GuestMemory, Stop, wasmedge};

/// The extensions, which WasmEdge serves in the module `wasi_snapshot_preview1`. Its `sock_accept` has other parameters
/// than WASI's.
pub static WASMEDGE: &[Syscall] = &WASMEDGE_ROWS;

const WASMEDGE_ROWS: [Syscall; 9] = syscalls! {
    /// Would accept a connection.
    sock_accept = wasmedge(fd: u32, result_fd: ptr) "NOTSUP", "";
    /// Would bind a socket to an address.
    sock_bind = wasmedge(fd: u32, address: ptr, port: u32) "NOTSUP", "";
    /// Would connect a socket to an address.
    sock_connect = wasmedge(fd: u32, address: ptr, port: u32) "NOTSUP", "";
    /// Would look a name up.
    sock_getaddrinfo = wasmedge(
        node: ptr, node_len: u32, service: ptr, service_len: u32, hints: ptr, results: ptr,
        results_len_max: u32, results_len: ptr
    ) "NOTSUP", "";
    /// Would tell a socket's own address.
    sock_getlocaladdr = wasmedge(fd: u32, address: ptr, address_type: ptr, port: ptr) "NOTSUP", "";
    /// Would tell the address of a socket's peer.
    sock_getpeeraddr = wasmedge(fd: u32, address: ptr, address_type: ptr, port: ptr) "NOTSUP", "";
    /// Would listen for connections.
    sock_listen = wasmedge(fd: u32, backlog: u32) "NOTSUP", "";
    /// Would make a socket.
    sock_open = wasmedge(address_family: u32, socket_type: u32, result_fd: ptr) "NOTSUP", "";
    /// Would set an option of a socket.
    sock_setsockopt = wasmedge(fd: u32, level: u32, name: u32, value: ptr, value_len: u32) "NOTSUP", "";
};

macro_rules! unsupported {
    ($($name:ident($($param:ident),*);)*) => {
        $(#[allow(clippy::too_many_arguments, reason = "the parameters of the extensions")]
        pub(crate) fn $name(
            _: &mut Context,
            _: &mut GuestMemory<'_>,
            $($param: u32),*
        ) -> Result<(), Stop> {
            let _ = ($($param),*);
            Err(Errno::Notsup.into())
        })*
    };
}

unsupported! {
    sock_accept(a, b);
    sock_bind(a, b, c);
    sock_connect(a, b, c);
    sock_getaddrinfo(a, b, c, d, e, f, g, h);
    sock_getlocaladdr(a, b, c, d);
    sock_getpeeraddr(a, b, c, d);
    sock_listen(a, b);
    sock_open(a, b, c);
    sock_setsockopt(a, b, c, d, e);
}
