// Runs a WASI module from Swift:  embed PROGRAM.wasm
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

func run(_ wasm: Data) throws -> Data {
    var engine, module, builder, process, bytes: OpaquePointer?
    defer {
        stepwell_bytes_free(bytes)
        stepwell_process_free(process)
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
    try attempt { stepwell_process_builder_spawn(builder, &process, $0) }
    var state = STEPWELL_STATE_YIELDED
    repeat {
        try attempt { stepwell_process_run(process, 1_000_000, &state, $0) }
    } while state == STEPWELL_STATE_YIELDED
    try attempt { stepwell_process_drain_stdout(process, &bytes, $0) }
    return Data(bytes: stepwell_bytes_data(bytes), count: stepwell_bytes_len(bytes))
}

do {
    let wasm = try Data(contentsOf: URL(fileURLWithPath: CommandLine.arguments[1]))
    FileHandle.standardOutput.write(try run(wasm))
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
