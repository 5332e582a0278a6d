/** The matrix product that training spends its time in; included once per instruction set.
 *
 *  A tile of T rows and P vectors of C lives in registers while k runs: each step loads P vectors
 * of B and broadcasts T numbers of A for T * P multiply-adds. The largest tiles leave registers for
 *  both; the others serve the edges. */
#ifndef IMAGRID_NN_PRODUCT_H
#define IMAGRID_NN_PRODUCT_H

#include "nn/kernels.h"
#include "nn/simd.h"

#ifdef __clang__
#define IG_UNROLL _Pragma("clang loop unroll(full)")
#else
#define IG_UNROLL _Pragma("GCC unroll 16")
#endif

static inline __attribute__((always_inline)) void tile(const ig_product *p, size_t row, size_t col,
                                                       size_t t_rows, size_t t_vectors)
{
    enum { MOST_ROWS = 12, MOST_VECTORS = 4 };
    static const float zeros[MOST_VECTORS * IG_LANES];
    vec sum[MOST_ROWS][MOST_VECTORS];
    const float *start = p->start ? p->start + row * p->start_row + col : zeros;
    size_t start_row = p->start ? p->start_row : 0;
    IG_UNROLL
    for (size_t t = 0; t < t_rows; t++) {
        IG_UNROLL
        for (size_t v = 0; v < t_vectors; v++) {
            sum[t][v] = vec_load(start + t * start_row + v * IG_LANES);
        }
    }
    const float *a = p->a + row * p->a_row, *b = p->b + col;
    size_t a_row = p->a_row, a_depth = p->a_depth, width = p->width;
    for (size_t k = 0; k < p->depth; k++) {
        vec line[MOST_VECTORS];
        IG_UNROLL
        for (size_t v = 0; v < t_vectors; v++) {
            line[v] = vec_load(b + v * IG_LANES);
        }
        IG_UNROLL
        for (size_t t = 0; t < t_rows; t++) {
            vec factor = vec_set(a[t * a_row]);
            IG_UNROLL
            for (size_t v = 0; v < t_vectors; v++) {
                sum[t][v] = vec_fma(factor, line[v], sum[t][v]);
            }
        }
        a += a_depth;
        b += width;
    }
    float *c = p->c + row * width + col;
    ig_finish finish = p->finish;
    IG_UNROLL
    for (size_t t = 0; t < t_rows; t++) {
        IG_UNROLL
        for (size_t v = 0; v < t_vectors; v++) {
            float *at = c + t * width + v * IG_LANES;
            vec value = sum[t][v];
            if (finish == IG_FINISH_RELU) {
                /* In this order a NaN stays one and is seen. */
                value = vec_max(vec_set(0), value);
            } else if (finish == IG_FINISH_GATE) {
                value = vec_where_positive(vec_load(at), value);
            }
            vec_store(at, value);
        }
    }
}

typedef void tile_function(const ig_product *p, size_t row, size_t col);

#define IG_TILE(T, P)                                                                              \
    static void tile_##T##x##P(const ig_product *p, size_t row, size_t col)                        \
    {                                                                                              \
        tile(p, row, col, T, P);                                                                   \
    }
#define IG_TILES_6(P)                                                                              \
    IG_TILE(1, P) IG_TILE(2, P) IG_TILE(3, P) IG_TILE(4, P) IG_TILE(5, P) IG_TILE(6, P)
#define IG_TILES_12(P)                                                                             \
    IG_TILES_6(P)                                                                                  \
    IG_TILE(7, P) IG_TILE(8, P) IG_TILE(9, P) IG_TILE(10, P) IG_TILE(11, P) IG_TILE(12, P)
#define IG_NAMES_6(P) tile_1x##P, tile_2x##P, tile_3x##P, tile_4x##P, tile_5x##P, tile_6x##P
#define IG_NAMES_12(P)                                                                             \
    IG_NAMES_6(P), tile_7x##P, tile_8x##P, tile_9x##P, tile_10x##P, tile_11x##P, tile_12x##P

#if IG_SIMD == 512
IG_TILES_12(1)
IG_TILES_12(2)
IG_TILES_6(3)
IG_TILES_6(4)
enum { PANEL = 4 };
static tile_function *const tiles[PANEL][12] = {
    {IG_NAMES_12(1)}, {IG_NAMES_12(2)}, {IG_NAMES_6(3)}, {IG_NAMES_6(4)}};
static const size_t tile_rows[PANEL] = {12, 12, 6, 6};
#else
IG_TILES_12(1)
IG_TILES_6(2)
enum { PANEL = 2 };
static tile_function *const tiles[PANEL][12] = {{IG_NAMES_12(1)}, {IG_NAMES_6(2)}};
static const size_t tile_rows[PANEL] = {12, 6};
#endif

static void product(const ig_product *p)
{
    for (size_t col = 0; col < p->width;) {
        size_t vectors = (p->width - col) / IG_LANES;
        vectors = vectors < PANEL ? vectors : PANEL;
        for (size_t row = 0; row < p->rows;) {
            size_t rows = p->rows - row;
            rows = rows < tile_rows[vectors - 1] ? rows : tile_rows[vectors - 1];
            tiles[vectors - 1][rows - 1](p, row, col);
            row += rows;
        }
        col += vectors * IG_LANES;
    }
}

#endif
