/** CRC-32C (Castagnoli), as iSCSI (RFC 3720), ext4 and SSE4.2 compute it. */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/** The checksum of what `crc` is the checksum of (0: nothing yet) and `size` further bytes, by the
 *  processor's own instruction where it has one. */
uint32_t ig_crc32c(uint32_t crc, const void *bytes, size_t size);

/** The same by tables, as processors without the instruction do; for tests. */
uint32_t ig_crc32c_portable(uint32_t crc, const void *bytes, size_t size);

#endif
