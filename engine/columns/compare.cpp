#include "engine/columns/compare.h"

namespace streamwright {

namespace {

int compareOrNull(const Column& a, size_t rowOfA, const Column& b, size_t rowOfB)
{
    const bool nullA = a.isNull(rowOfA), nullB = b.isNull(rowOfB);
    if (nullA || nullB) return static_cast<int>(nullB) - static_cast<int>(nullA);
    return compareValues(a, rowOfA, b, rowOfB);
}

int compareArrays(const Column& a, size_t rowOfA, const Column& b, size_t rowOfB)
{
    const uint32_t sizeA = a.offsets()[rowOfA + 1] - a.offsets()[rowOfA];
    const uint32_t sizeB = b.offsets()[rowOfB + 1] - b.offsets()[rowOfB];
    for (uint32_t i = 0; i < std::min(sizeA, sizeB); ++i) {
        if (const int order = compareOrNull(*a.element(), a.offsets()[rowOfA] + i, *b.element(), b.offsets()[rowOfB] + i)) return order;
    }
    return compareNumbers(sizeA, sizeB);
}

}

int compareValues(const Column& a, size_t rowOfA, const Column& b, size_t rowOfB)
{
    switch (a.type().kind()) {
        case TypeKind::Void: return 0;
        case TypeKind::Boolean: return compareNumbers(a.value<uint8_t>(rowOfA), b.value<uint8_t>(rowOfB));
        case TypeKind::Int:
        case TypeKind::Date: return compareNumbers(a.value<int32_t>(rowOfA), b.value<int32_t>(rowOfB));
        case TypeKind::BigInt:
        case TypeKind::Timestamp: return compareNumbers(a.value<int64_t>(rowOfA), b.value<int64_t>(rowOfB));
        case TypeKind::Float: return compareNumbers(a.value<float>(rowOfA), b.value<float>(rowOfB));
        case TypeKind::Double: return compareNumbers(a.value<double>(rowOfA), b.value<double>(rowOfB));
        case TypeKind::String:
        case TypeKind::Binary: return compareNumbers(a.value<StringRef>(rowOfA).compare(b.value<StringRef>(rowOfB)), 0);
        case TypeKind::Array: return compareArrays(a, rowOfA, b, rowOfB);
        case TypeKind::Struct:
            for (size_t f = 0; f < a.children().size(); ++f) {
                if (const int order = compareOrNull(*a.child(f), rowOfA, *b.child(f), rowOfB)) return order;
            }
            return 0;
    }
    return 0;
}

}
