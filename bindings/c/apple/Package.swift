// swift-tools-version:5.5
// Beside Stepwell.xcframework, which ./xcframework makes.
import PackageDescription

let package = Package(
    name: "Stepwell",
    platforms: [.iOS(.v13), .macOS(.v11)],
    products: [.library(name: "CStepwell", targets: ["CStepwell"])],
    targets: [.binaryTarget(name: "CStepwell", path: "Stepwell.xcframework")]
)
