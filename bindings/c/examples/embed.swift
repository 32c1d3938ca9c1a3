// Runs a WASI module from Swift:  embed PROGRAM.wasm [ARGUMENT]...
import CStepwell
import Foundation

struct Failure: Error, CustomStringConvertible { let description: String }

/// Makes a call, and throws what it gives as an error.
func attempt(_ call: (UnsafeMutablePointer<OpaquePointer?>) -> stepwell_status) throws {
    var error: OpaquePointer?
    guard call(&error) != STEPWELL_OK else { return }
    defer { stepwell_error_free(error) }
    throw Failure(description: String(cString: stepwell_error_message(error)))
}

/// A guest. Its handle is freed with it.
final class Process {
    private var handle: OpaquePointer?

    init(wasm: Data, arguments: [String]) throws {
        var engine, module, builder: OpaquePointer?
        defer {
            stepwell_process_builder_free(builder)
            stepwell_module_free(module)
            stepwell_engine_free(engine)
        }
        try attempt { stepwell_engine_new(&engine, $0) }
        try wasm.withUnsafeBytes { data in
            let start = data.bindMemory(to: UInt8.self).baseAddress
            try attempt { stepwell_module_new(engine, start, data.count, &module, $0) }
        }
        try attempt { stepwell_process_builder_new(module, &builder, $0) }
        for argument in arguments {
            try attempt { stepwell_process_builder_arg(builder, argument, $0) }
        }
        try attempt { stepwell_process_builder_spawn(builder, &handle, $0) }
        try attempt { stepwell_process_close_stdin(handle, $0) }
    }

    deinit { stepwell_process_free(handle) }

    /// Runs it to its end: its exit code.
    func run(stdout: (Data) -> Void, stderr: (Data) -> Void) throws -> UInt32 {
        var state = STEPWELL_STATE_YIELDED
        // Its input has ended and its clock is virtual, so it can only wait for its output to be passed on.
        while state == STEPWELL_STATE_YIELDED || state == STEPWELL_STATE_BLOCKED {
            try attempt { stepwell_process_run(handle, 10_000_000, &state, $0) }
            stdout(try drained(stepwell_process_drain_stdout))
            stderr(try drained(stepwell_process_drain_stderr))
        }
        var code: UInt32 = 1
        try attempt { stepwell_process_exit_code(handle, &code, $0) }
        return code
    }

    private typealias Drain = (
        OpaquePointer?, UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<OpaquePointer?>?
    ) -> stepwell_status

    /// What was written since the last time.
    private func drained(_ drain: Drain) throws -> Data {
        var bytes: OpaquePointer?
        defer { stepwell_bytes_free(bytes) }
        try attempt { drain(handle, &bytes, $0) }
        return Data(bytes: stepwell_bytes_data(bytes), count: stepwell_bytes_len(bytes))
    }
}

do {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard let path = arguments.first, stepwell_abi_version() == STEPWELL_ABI_VERSION else {
        throw Failure(description: "usage: embed PROGRAM.wasm [ARGUMENT]...")
    }
    let wasm = try Data(contentsOf: URL(fileURLWithPath: path))
    let code = try Process(wasm: wasm, arguments: arguments).run(
        stdout: FileHandle.standardOutput.write, stderr: FileHandle.standardError.write)
    exit(Int32(truncatingIfNeeded: code))
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
