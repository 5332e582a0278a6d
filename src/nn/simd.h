/** One vector of floats of the instruction set this file is compiled for, and the few operations
 * the kernels need. IG_SIMD is the number of bits: 512 (AVX-512, SVE), 256 (AVX2, SVE), 128 (NEON)
 * or 0 (portable: vector extensions that any CPU can run).
 *  Multiply-adds are fused where the hardware does it, and never otherwise, so that one instruction
 *  set gives one result whatever the compiler. */
#ifndef IMAGRID_NN_SIMD_H
#define IMAGRID_NN_SIMD_H

#include <stddef.h>
#include <stdint.h>

#if IG_SIMD && defined(__ARM_FEATURE_SVE)
#include <arm_sve.h>
enum { IG_LANES = IG_SIMD / 32 };
#define IG_REGISTERS 32
typedef svfloat32_t vec __attribute__((arm_sve_vector_bits(IG_SIMD)));

static inline vec vec_load(const float *p)
{
    return svld1_f32(svptrue_b32(), p);
}
static inline void vec_store(float *p, vec a)
{
    svst1_f32(svptrue_b32(), p, a);
}
static inline vec vec_set(float a)
{
    return svdup_n_f32(a);
}
static inline vec vec_fma(vec a, vec b, vec c)
{
    return svmla_f32_x(svptrue_b32(), c, a, b);
}
static inline vec vec_max(vec a, vec b)
{
    return svmax_f32_x(svptrue_b32(), a, b);
}
static inline vec vec_sqrt(vec a)
{
    return svsqrt_f32_x(svptrue_b32(), a);
}
static inline vec vec_load_first(const float *p, size_t n)
{
    return svld1_f32(svwhilelt_b32_u64(0, n), p);
}
static inline void vec_store_first(float *p, size_t n, vec a)
{
    svst1_f32(svwhilelt_b32_u64(0, n), p, a);
}
static inline vec vec_where_positive(vec a, vec b)
{
    return svsel_f32(svcmpgt_n_f32(svptrue_b32(), a, 0), b, svdup_n_f32(0));
}

#elif IG_SIMD == 512
#include <immintrin.h>
enum { IG_LANES = 16 };
#define IG_REGISTERS 32
typedef __m512 vec;

static inline vec vec_load(const float *p)
{
    return _mm512_loadu_ps(p);
}
static inline void vec_store(float *p, vec a)
{
    _mm512_storeu_ps(p, a);
}
static inline vec vec_set(float a)
{
    return _mm512_set1_ps(a);
}
static inline vec vec_fma(vec a, vec b, vec c)
{
    return _mm512_fmadd_ps(a, b, c);
}
static inline vec vec_max(vec a, vec b)
{
    return _mm512_max_ps(a, b);
}
static inline vec vec_sqrt(vec a)
{
    return _mm512_sqrt_ps(a);
}
/** The first n lanes (n <= IG_LANES) from memory, the others zero; no byte beyond them is read. */
static inline vec vec_load_first(const float *p, size_t n)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
}
static inline void vec_store_first(float *p, size_t n, vec a)
{
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), a);
}
/** b in the lanes where a > 0, else zero. */
static inline vec vec_where_positive(vec a, vec b)
{
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_GT_OQ), b);
}

#elif IG_SIMD == 256
#include <immintrin.h>
enum { IG_LANES = 8 };
#define IG_REGISTERS 16
typedef __m256 vec;

static inline vec vec_load(const float *p)
{
    return _mm256_loadu_ps(p);
}
static inline void vec_store(float *p, vec a)
{
    _mm256_storeu_ps(p, a);
}
static inline vec vec_set(float a)
{
    return _mm256_set1_ps(a);
}
static inline vec vec_fma(vec a, vec b, vec c)
{
    return _mm256_fmadd_ps(a, b, c);
}
static inline vec vec_max(vec a, vec b)
{
    return _mm256_max_ps(a, b);
}
static inline vec vec_sqrt(vec a)
{
    return _mm256_sqrt_ps(a);
}
static inline __m256i first_lanes(size_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline vec vec_load_first(const float *p, size_t n)
{
    return _mm256_maskload_ps(p, first_lanes(n));
}
static inline void vec_store_first(float *p, size_t n, vec a)
{
    _mm256_maskstore_ps(p, first_lanes(n), a);
}
static inline vec vec_where_positive(vec a, vec b)
{
    return _mm256_and_ps(_mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_GT_OQ), b);
}

#elif IG_SIMD == 128
#include <arm_neon.h>
enum { IG_LANES = 4 };
#define IG_REGISTERS 32
typedef float32x4_t vec;

static inline vec vec_load(const float *p)
{
    return vld1q_f32(p);
}
static inline void vec_store(float *p, vec a)
{
    vst1q_f32(p, a);
}
static inline vec vec_set(float a)
{
    return vdupq_n_f32(a);
}
static inline vec vec_fma(vec a, vec b, vec c)
{
    return vfmaq_f32(c, a, b);
}
static inline vec vec_max(vec a, vec b)
{
    return vmaxq_f32(a, b);
}
static inline vec vec_sqrt(vec a)
{
    return vsqrtq_f32(a);
}
static inline vec vec_load_first(const float *p, size_t n)
{
    vec a = vdupq_n_f32(0);
    a = n > 0 ? vld1q_lane_f32(p, a, 0) : a;
    a = n > 1 ? vld1q_lane_f32(p + 1, a, 1) : a;
    a = n > 2 ? vld1q_lane_f32(p + 2, a, 2) : a;
    return n > 3 ? vld1q_lane_f32(p + 3, a, 3) : a;
}
static inline void vec_store_first(float *p, size_t n, vec a)
{
    if (n > 0) {
        vst1q_lane_f32(p, a, 0);
    }
    if (n > 1) {
        vst1q_lane_f32(p + 1, a, 1);
    }
    if (n > 2) {
        vst1q_lane_f32(p + 2, a, 2);
    }
    if (n > 3) {
        vst1q_lane_f32(p + 3, a, 3);
    }
}
static inline vec vec_where_positive(vec a, vec b)
{
    return vreinterpretq_f32_u32(vandq_u32(vcgtzq_f32(a), vreinterpretq_u32_f32(b)));
}

#else
#include <math.h>
#include <string.h>
enum { IG_LANES = 4 };
#define IG_REGISTERS 16
typedef float vec __attribute__((vector_size(16)));
typedef int32_t vec_bits __attribute__((vector_size(16)));

static inline vec vec_load(const float *p)
{
    vec a;
    memcpy(&a, p, sizeof a);
    return a;
}
static inline void vec_store(float *p, vec a)
{
    memcpy(p, &a, sizeof a);
}
static inline vec vec_set(float a)
{
    return (vec){a, a, a, a};
}
static inline vec vec_fma(vec a, vec b, vec c)
{
    return a * b + c;
}
static inline vec vec_where_positive(vec a, vec b)
{
    return (vec)((a > 0) & (vec_bits)b);
}
static inline vec vec_max(vec a, vec b)
{
    vec_bits first = a > b;
    return (vec)((first & (vec_bits)a) | (~first & (vec_bits)b));
}
static inline vec vec_sqrt(vec a)
{
    return (vec){sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3])};
}
static inline vec vec_load_first(const float *p, size_t n)
{
    vec a = {0};
    memcpy(&a, p, n * sizeof *p);
    return a;
}
static inline void vec_store_first(float *p, size_t n, vec a)
{
    memcpy(p, &a, n * sizeof *p);
}
#endif

/** Sum of all lanes: halves (SVE: pairs) are added until one lane is left. */
static inline float vec_sum(vec a)
{
#if IG_SIMD && defined(__ARM_FEATURE_SVE)
    return svaddv_f32(svptrue_b32(), a);
#elif IG_SIMD == 128
    return vpadds_f32(vadd_f32(vget_low_f32(a), vget_high_f32(a)));
#elif IG_SIMD == 0
    return (a[0] + a[2]) + (a[1] + a[3]);
#else
#if IG_SIMD == 512
    __m256 low = _mm512_castps512_ps256(a);
    __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a), 1));
    __m256 eight = _mm256_add_ps(low, high);
#else
    __m256 eight = a;
#endif
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
#endif
}

#endif
