"""imagrid's random streams in NumPy, from docs/protocol.md alone: an implementation of its own."""
import numpy as np

MASK = 2**64 - 1
STREAM_TEACHER, STREAM_BOOTSTRAP = 1, 7
# Bytes 8 ... 55 of the secret in the specification of XXH3, as little-endian words.
SECRET = (0x1CAD21F72C81017C, 0xDB979083E96DD4DE, 0x1F67B3B7A4A44072,
          0x78E5C0CC4EE679CB, 0x2172FFCC7DD05A82, 0x8E2443F7744608B8)


def xorshift(word, bits):
    return word ^ word >> bits


def rotate(word, bits):
    return (word << bits | word >> 64 - bits) & MASK


def xxh3_64(text):
    """XXH3-64 of a text of 4 to 16 bytes (longer ones take another path, not needed here)."""
    data = text.encode()
    n = len(data)
    if not 4 <= n <= 16:
        raise ValueError("4 to 16 bytes only")
    if n <= 8:
        word = int.from_bytes(data[-4:], "little") + (int.from_bytes(data[:4], "little") << 32)
        word ^= SECRET[0] ^ SECRET[1]
        word ^= rotate(word, 49) ^ rotate(word, 24)
        word = word * 0x9FB21C651E98DF25 & MASK
        word = (word ^ (word >> 35) + n) * 0x9FB21C651E98DF25 & MASK
        return xorshift(word, 28)
    low = int.from_bytes(data[:8], "little") ^ SECRET[2] ^ SECRET[3]
    high = int.from_bytes(data[-8:], "little") ^ SECRET[4] ^ SECRET[5]
    swapped = int.from_bytes(low.to_bytes(8, "big"), "little")
    product = low * high
    word = n + swapped + high + (product & MASK ^ product >> 64) & MASK
    return xorshift(xorshift(word, 37) * 0x165667919E3779F9 & MASK, 32)


def stream(scope, seed, number, substream):
    """The bit generator of one stream, at its beginning."""
    key = np.array([xxh3_64(scope), seed], dtype=np.uint64)
    counter = np.array([0, 0, substream, number], dtype=np.uint64)
    return np.random.Philox(key=key, counter=counter)


def indices(words, n):
    """floor(word n / 2^64) for arrays of words and of 1 <= n < 2^32: indices of resampled seeds."""
    words, n = np.asarray(words, dtype=np.uint64), np.asarray(n, dtype=np.uint64)
    # imagrid draws again where the lower half of the product is below 2^64 mod n, once in 1e18.
    if np.any(words * n < (np.uint64(0) - n) % n):
        raise AssertionError("a word would have been drawn again: not written down here")
    half = np.uint64(32)
    carried = (words & np.uint64(0xFFFFFFFF)) * n >> half
    return ((words >> half) * n + carried >> half).astype(np.intp)
