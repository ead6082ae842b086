# The layers of the tagger in C: eight floats at a time, once for processors with AVX2 and once
# for all others; which of them runs is asked at the first call. Included by _network.pyx.

cdef extern from *:
    r"""
    #include <math.h>
    #include <stdint.h>
    #include <stdlib.h>
    #include <string.h>

    /* No vector is handed from one function to another that isn't a part of it. */
    #pragma GCC diagnostic ignored "-Wpsabi"

    #define WIDE 8    /* floats of a vector; all widths but those of inputs are multiples of it */
    #define PANEL 16  /* columns of a matrix that lie together */
    #define TILE 6    /* rows multiplied at once: twelve sums, which AVX2's registers hold */
    #define INLINE static inline __attribute__((always_inline))

    typedef float Wide __attribute__((vector_size(32), aligned(4), may_alias));
    typedef int32_t WideInt __attribute__((vector_size(32), aligned(4), may_alias));

    /* A matrix in panels, with what is added; no bias where it adds to what is there. */
    typedef struct {
        const float *packed, *bias;
        int rows, panels;
    } Matrix;

    typedef struct {
        const float *scale, *shift;
        Matrix before, at, behind;
        int step;
    } Layer;

    /* `fold` is what a product loses for each unit of its rows' mean: see `settle`. */
    typedef struct {
        int width, hidden, out, layers;
        const float *embedding, *enter_fold, *enter_shift, *leave_fold, *leave_shift;
        Matrix looks, dense, enter_looks, enter_dense;
        Matrix leave_states, leave_whole, leave_looks, leave_dense, category;
        Layer layer[16];
    } Weights;

    /* Mean of some numbers and the sum of squares around it. */
    typedef struct { float mean, spread; int n; } Moments;

    /* Buffers for `cap` rows, carved from one allocation. */
    typedef struct {
        float *dense, *states, *normed, *mixed, *out, *whole, *scores;
        Moments *moments;
        const float **from;
        float **to;
    } Room;

    typedef struct {
        const int64_t *which, *lengths;  /* which different atom each row is */
        const float *dense, *looks, *enter, *leave;  /* of rows; of different atoms */
        const Moments *moments;  /* of `looks` */
        int dense_width;
    } Input;

    typedef struct {
        const int64_t *hashed, *first;
        const float *looks;
        float *seen, *enter, *leave;
        Moments *moments;
        int looks_width;
    } Words;

    INLINE void tile(int n, const float *const *from, float *const *to, int column,
                     const float *packed, int rows, const float *bias) {
        Wide sum[TILE][2];
        int r, k;
        for (r = 0; r < n; r++) {
            const float *start = bias ? bias : to[r] + column;
            sum[r][0] = *(const Wide *)start;
            sum[r][1] = *(const Wide *)(start + WIDE);
        }
        for (k = 0; k < rows; k++) {
            Wide left = *(const Wide *)(packed + PANEL * k);
            Wide right = *(const Wide *)(packed + PANEL * k + WIDE);
            for (r = 0; r < n; r++) {
                sum[r][0] += from[r][k] * left;
                sum[r][1] += from[r][k] * right;
            }
        }
        for (r = 0; r < n; r++) {
            *(Wide *)(to[r] + column) = sum[r][0];
            *(Wide *)(to[r] + column + WIDE) = sum[r][1];
        }
    }

    /* Multiply n rows by a matrix; a panel of it stays in the nearest cache. */
    INLINE void multiply_all(int n, const float *const *from, float *const *to, const Matrix *by) {
        int panel, r;
        for (panel = 0; panel < by->panels; panel++) {
            const float *packed = by->packed + (size_t)panel * PANEL * by->rows;
            const float *bias = by->bias ? by->bias + PANEL * panel : NULL;
            int column = PANEL * panel, rows = by->rows;
            for (r = 0; r + TILE <= n; r += TILE)
                tile(TILE, from + r, to + r, column, packed, rows, bias);
            switch (n - r) {
                case 5: tile(5, from + r, to + r, column, packed, rows, bias); break;
                case 4: tile(4, from + r, to + r, column, packed, rows, bias); break;
                case 3: tile(3, from + r, to + r, column, packed, rows, bias); break;
                case 2: tile(2, from + r, to + r, column, packed, rows, bias); break;
                case 1: tile(1, from + r, to + r, column, packed, rows, bias); break;
            }
        }
    }

    typedef void (*Multiply)(int, const float *const *, float *const *, const Matrix *);

    INLINE void multiply(Multiply by, const Room *room, int n, const float *from, int from_width,
                         float *to, int to_width, const Matrix *matrix) {
        int r;
        for (r = 0; r < n; r++) {
            room->from[r] = from + (size_t)r * from_width;
            room->to[r] = to + (size_t)r * to_width;
        }
        by(n, room->from, room->to, matrix);
    }

    INLINE Wide spread_out(float x) {
        Wide wide = {x, x, x, x, x, x, x, x};
        return wide;
    }

    INLINE Wide smaller(Wide a, Wide b) {
        WideInt yes = a < b;
        return (Wide)(((WideInt)a & yes) | ((WideInt)b & ~yes));
    }

    /* e to the x, to the last bit but one (Cephes' polynomial). */
    INLINE Wide exponent(Wide x) {
        const Wide magic = spread_out(12582912.0f);
        Wide whole, f, p;
        WideInt two;
        x = -smaller(-x, spread_out(87.0f));
        x = smaller(x, spread_out(87.0f));
        whole = x * 1.44269504f + magic;
        two = (WideInt)whole - (WideInt)magic;
        whole -= magic;
        f = x - whole * 0.693359375f + whole * 2.12194440e-4f;
        p = f * 1.9875691500e-4f + 1.3981999507e-3f;
        p = p * f + 8.3334519073e-3f;
        p = p * f + 4.1665795894e-2f;
        p = p * f + 1.6666665459e-1f;
        p = p * f + 5.0000001201e-1f;
        p = p * f * f + f + 1.0f;
        return p * (Wide)((two + 127) << 23);
    }

    /* GELU with the error function (Abramowitz and Stegun 7.1.26, right to 1.5e-7). */
    INLINE Wide gelu(Wide x) {
        Wide half = x * 0.70710678f, size, t, p;
        WideInt sign = (WideInt)half & INT32_MIN;
        size = (Wide)((WideInt)half ^ sign);
        t = 1.0f / (1.0f + 0.3275911f * size);
        p = t * 1.061405429f - 1.453152027f;
        p = p * t + 1.421413741f;
        p = p * t - 0.284496736f;
        p = p * t + 0.254829592f;
        p = 1.0f - p * t * exponent(-size * size);
        return 0.5f * x * (1.0f + (Wide)((WideInt)p ^ sign));
    }

    INLINE float total(Wide x) {
        return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
    }

    INLINE Moments moments_of(const float *row, int n) {
        Wide sum = spread_out(0), square = spread_out(0), x;
        Moments found;
        int k;
        for (k = 0; k < n; k += WIDE) sum += *(const Wide *)(row + k);
        found.mean = total(sum) / n;
        for (k = 0; k < n; k += WIDE) {
            x = *(const Wide *)(row + k) - found.mean;
            square += x * x;
        }
        found.spread = total(square);
        found.n = n;
        return found;
    }

    INLINE Moments joined(Moments a, Moments b) {
        Moments found;
        float apart = b.mean - a.mean;
        found.n = a.n + b.n;
        found.mean = a.mean + apart * b.n / found.n;
        found.spread = a.spread + b.spread + apart * apart * a.n * b.n / found.n;
        return found;
    }

    INLINE float scale_of(Moments found) { return 1.0f / sqrtf(found.spread / found.n + 1e-5f); }

    /* Turn a product of rows into that of the normalised rows: the norm's scale is in the
       matrix, its shift in `shift`, and what the mean takes away is `fold` for each unit. */
    INLINE void settle(float *row, int n, Moments found, const float *fold, const float *shift) {
        float scale = scale_of(found), down = scale * found.mean;
        int k;
        for (k = 0; k < n; k += WIDE)
            *(Wide *)(row + k) = *(Wide *)(row + k) * scale - *(const Wide *)(fold + k) * down
                + *(const Wide *)(shift + k);
    }

    INLINE void normalise(const float *row, float *to, int n, const Layer *layer) {
        Moments found = moments_of(row, n);
        float scale = scale_of(found);
        int k;
        for (k = 0; k < n; k += WIDE)
            *(Wide *)(to + k) = (*(const Wide *)(row + k) - found.mean) * scale
                * *(const Wide *)(layer->scale + k) + *(const Wide *)(layer->shift + k);
    }

    INLINE void gate(float *state, const float *mixed, int n) {
        int k;
        for (k = 0; k < n; k += WIDE) {
            Wide open = 1.0f / (1.0f + exponent(-*(const Wide *)(mixed + n + k)));
            *(Wide *)(state + k) += *(const Wide *)(mixed + k) * open;
        }
    }

    INLINE void bend(float *row, int n) {
        int k;
        for (k = 0; k < n; k += WIDE) *(Wide *)(row + k) = gelu(*(Wide *)(row + k));
    }

    /* Mix each row with those `step` before and behind it in its message. Rows that have no
       such neighbour are left out, which spares a quarter of the work on short messages. */
    INLINE void mix(Multiply by, const Weights *w, const Layer *layer, const Room *room,
                    const int64_t *lengths, int messages, int n) {
        int hidden = w->hidden, step = layer->step, r, k, m, base = 0, found = 0;
        for (r = 0; r < n; r++)
            normalise(room->states + r * hidden, room->normed + r * hidden, hidden, layer);
        multiply(by, room, n, room->normed, hidden, room->mixed, 2 * hidden, &layer->at);
        for (m = 0; m < messages; base += (int)lengths[m++])
            for (k = 0; k + step < lengths[m]; k++, found++) {
                room->from[found] = room->normed + (base + k) * hidden;
                room->to[found] = room->mixed + (base + k + step) * 2 * hidden;
            }
        by(found, room->from, room->to, &layer->before);
        for (r = 0; r < found; r++) {
            room->from[r] += step * hidden;
            room->to[r] -= step * 2 * hidden;
        }
        by(found, room->from, room->to, &layer->behind);
        for (r = 0; r < n; r++)
            gate(room->states + r * hidden, room->mixed + r * 2 * hidden, hidden);
    }

    /* Enter: states of rows from the different atoms and what is dense. */
    INLINE void enter(Multiply by, const Weights *w, const Room *room, const Input *in, int low,
                      int n) {
        int r;
        multiply(by, room, n, in->dense + (size_t)low * in->dense_width, in->dense_width,
                 room->dense, w->width, &w->dense);
        for (r = 0; r < n; r++) {
            bend(room->dense + r * w->width, w->width);
            memcpy(room->states + r * w->hidden, in->enter + in->which[low + r] * w->hidden,
                   w->hidden * sizeof(float));
        }
        multiply(by, room, n, room->dense, w->width, room->states, w->hidden, &w->enter_dense);
        for (r = 0; r < n; r++) {
            Moments found = joined(in->moments[in->which[low + r]],
                                   moments_of(room->dense + r * w->width, w->width));
            settle(room->states + r * w->hidden, w->hidden, found, w->enter_fold, w->enter_shift);
        }
    }

    /* What a message is about as a whole: the mean over its rows, and its part in `out`. */
    INLINE Moments sum_up(Multiply by, const Weights *w, const Room *room, int row, int n) {
        float *whole = room->whole, *part = room->whole + w->hidden;
        int hidden = w->hidden, r, k;
        memset(whole, 0, (hidden + w->out) * sizeof(float));
        for (r = row; r < row + n; r++)
            for (k = 0; k < hidden; k += WIDE)
                *(Wide *)(whole + k) += *(Wide *)(room->states + r * hidden + k);
        for (k = 0; k < hidden; k += WIDE) *(Wide *)(whole + k) /= (float)n;
        multiply(by, room, 1, whole, hidden, part, w->out, &w->leave_whole);
        return moments_of(whole, hidden);
    }

    /* Leave: a row of `out` has the category's hidden layer, and behind it the tags. */
    INLINE void leave(Multiply by, const Weights *w, const Room *room, const Input *in,
                      const int64_t *lengths, int messages, int low, int n) {
        int hidden = w->hidden, out = w->out, m, r, k, row = 0;
        for (m = 0; m < messages; row += (int)lengths[m++]) {
            Moments whole = sum_up(by, w, room, row, (int)lengths[m]);
            for (r = row; r < row + lengths[m]; r++) {
                const float *looks = in->leave + in->which[low + r] * out;
                const float *part = room->whole + hidden;
                for (k = 0; k < out; k += WIDE)
                    *(Wide *)(room->out + r * out + k) =
                        *(const Wide *)(looks + k) + *(const Wide *)(part + k);
                room->moments[r] = joined(
                    joined(moments_of(room->states + r * hidden, hidden), whole),
                    joined(in->moments[in->which[low + r]],
                           moments_of(room->dense + r * w->width, w->width)));
            }
        }
        multiply(by, room, n, room->states, hidden, room->out, out, &w->leave_states);
        multiply(by, room, n, room->dense, w->width, room->out, out, &w->leave_dense);
        for (r = 0; r < n; r++) {
            settle(room->out + r * out, out, room->moments[r], w->leave_fold, w->leave_shift);
            bend(room->out + r * out, hidden);
        }
        multiply(by, room, n, room->out, out, room->scores, PANEL, &w->category);
    }

    /* Add a share of the probabilities of tags and log-probabilities of categories. */
    INLINE void judge(const float *tags, int n_tags, const float *scores, int n_categories,
                      float share, float *tags_out, float *categories_out) {
        float most = tags[0], sum = 0, chance[PANEL];
        int k;
        for (k = 1; k < n_tags; k++) most = tags[k] > most ? tags[k] : most;
        for (k = 0; k < n_tags; k++) sum += chance[k] = expf(tags[k] - most);
        for (k = 0; k < n_tags; k++) tags_out[k] += share * (chance[k] / sum);
        most = scores[0];
        for (k = 1; k < n_categories; k++) most = scores[k] > most ? scores[k] : most;
        for (sum = 0, k = 0; k < n_categories; k++) sum += expf(scores[k] - most);
        sum = most + logf(sum);
        for (k = 0; k < n_categories; k++) categories_out[k] += share * (scores[k] - sum);
    }

    /* What hangs on the different atoms alone, done once for each. */
    INLINE void look(Multiply by, const Weights *w, const Room *room, const Words *in, int n) {
        int width = w->width, r, k;
        const int64_t *hashed = in->hashed;
        for (r = 0; r < n; r++)
            for (hashed = in->hashed + in->first[r]; hashed < in->hashed + in->first[r + 1];
                 hashed++)
                for (k = 0; k < width; k += WIDE)
                    *(Wide *)(in->seen + r * width + k) +=
                        *(const Wide *)(w->embedding + *hashed * width + k);
        multiply(by, room, n, in->looks, in->looks_width, in->seen, width, &w->looks);
        multiply(by, room, n, in->seen, width, in->enter, w->hidden, &w->enter_looks);
        multiply(by, room, n, in->seen, width, in->leave, w->out, &w->leave_looks);
        for (r = 0; r < n; r++) in->moments[r] = moments_of(in->seen + r * width, width);
    }

    /* Score some messages that lie one behind the other from row `low` on. */
    INLINE void score_some(Multiply by, const Weights *w, const Room *room, const Input *in,
                           const int64_t *lengths, int messages, int low, int n) {
        int layer;
        enter(by, w, room, in, low, n);
        for (layer = 0; layer < w->layers; layer++)
            mix(by, w, &w->layer[layer], room, lengths, messages, n);
        leave(by, w, room, in, lengths, messages, low, n);
    }

    #define FOR(NAME, TARGET) \
        TARGET static void multiply_##NAME(int n, const float *const *from, float *const *to, \
                                           const Matrix *by) { \
            multiply_all(n, from, to, by); \
        } \
        TARGET static void look_##NAME(const Weights *w, const Room *room, const Words *in, \
                                       int n) { \
            look(multiply_##NAME, w, room, in, n); \
        } \
        TARGET static void score_##NAME(const Weights *w, const Room *room, const Input *in, \
                                        const int64_t *lengths, int messages, int low, int n) { \
            score_some(multiply_##NAME, w, room, in, lengths, messages, low, n); \
        }

    FOR(plain, )
    #ifdef __x86_64__
    FOR(avx2, __attribute__((target("avx2,fma"))))
    #define HAS_AVX2 (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    #else
    #define look_avx2 look_plain
    #define score_avx2 score_plain
    #define HAS_AVX2 0
    #endif
    """

