#include "engine/expression/order.h"

namespace streamwright {

namespace {

int compareArrays(const Column& a, size_t rowOfA, const Column& b, size_t rowOfB)
{
    const uint32_t fromA = a.offsets()[rowOfA], fromB = b.offsets()[rowOfB];
    const uint32_t sizeA = a.offsets()[rowOfA + 1] - fromA, sizeB = b.offsets()[rowOfB + 1] - fromB;
    for (uint32_t i = 0; i < sizeA && i < sizeB; ++i) {
        if (const int order = compareRows(*a.element(), fromA + i, *b.element(), fromB + i)) return order;
    }
    return compareNumbers(sizeA, sizeB);
}

}

int compareRows(const Column& a, size_t rowOfA, const Column& b, size_t rowOfB)
{
    const bool aNull = a.isNull(rowOfA), bNull = b.isNull(rowOfB);
    if (aNull || bNull) return aNull == bNull ? 0 : aNull ? -1 : 1;
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
            for (size_t i = 0; i < a.children().size(); ++i) {
                if (const int order = compareRows(*a.child(i), rowOfA, *b.child(i), rowOfB)) return order;
            }
            return 0;
    }
    return 0;
}

}
