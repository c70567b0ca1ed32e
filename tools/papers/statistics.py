"""The statistics of tools/reproduce: what a rule claims, and what values of several seeds say of it. Pure functions; the seed is the unit.

A rule is an expression on the arms by name, `treated >= 1.3 * reference`; `and` joins several claims. A claim is of a kind:
  up, down   `a >= f * b` with f >= 1, `a <= f * b` with f <= 1: one arm lies above, below another (`f *` may be left out; < and > will do)
  absent     `abs(a - b) <= f * b`: they do not differ
  other      everything else: a bound, a share of a gain, a comparison of effects
"""
import ast, itertools, math, random
from dataclasses import dataclass

RESAMPLES = 4000
LEAST_EFFECT = 1.1    # up, down: ratio of the means, or one over it
SIGNIFICANCE = 0.01   # up, down: p after Holm (1979)
SAME = (0.9, 1.1)     # absent: the 90 % interval of the ratio lies within (two one-sided tests)
NOTHING = {key: math.nan for key in ("effect", "low", "high", "p", "limit", "confidence")}
ERROR = 0.05          # other: share of resamples in which the claim may fail; one side of a 90 % interval


def mean(values):
    return sum(values) / len(values)


def means_of(samples):
    return {arm: mean(values) for arm, values in samples.items()}


@dataclass(frozen=True)
class Claim:
    text: str
    kind: str     # up, down, absent, other
    a: str = ""   # arms that are compared; "" in others
    b: str = ""

    def sides(self):
        node = ast.parse(self.text, mode="eval").body
        return node.left, node.ops[0], node.comparators[0]

    def holds(self, arms):
        """`arms`: a number for each."""
        return value_of(self.text, arms) is True


def value_of(expression, arms):
    """NaN: a division by zero, so that nothing is claimed of it."""
    try:
        return eval(expression, {"__builtins__": {}, "abs": abs}, arms)  # of our own tables
    except ZeroDivisionError:
        return math.nan


def arms_in(rule):
    return {node.id for node in ast.walk(ast.parse(rule, mode="eval")) if isinstance(node, ast.Name)} - {"abs"}


def factor_and_arm(node):
    """`f * b` or `b`; None: neither."""
    if isinstance(node, ast.Name):
        return 1.0, node.id
    match node:
        case ast.BinOp(left=ast.Constant(value=factor), op=ast.Mult(), right=ast.Name(id=arm)):
            return float(factor), arm
    return None


def claim_of(left, operator, right):
    if isinstance(left, ast.Constant):
        mirrored = {ast.GtE: ast.LtE, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.Lt: ast.Gt}
        left, operator, right = right, mirrored[type(operator)](), left
    text = ast.unparse(ast.Compare(left, [operator], [right]))
    bound = factor_and_arm(right)
    less = isinstance(operator, (ast.LtE, ast.Lt))
    if bound and isinstance(left, ast.Name):
        factor, other = bound
        if less and factor <= 1 or not less and factor >= 1:
            return Claim(text, "down" if less else "up", left.id, other)
    match left:
        case ast.Call(args=[ast.BinOp(left=ast.Name(id=a), op=ast.Sub(), right=ast.Name(id=b))]) if bound and less:
            return Claim(text, "absent", a, b)
    return Claim(text, "other")


def parts_of(rule):
    body = ast.parse(rule, mode="eval").body
    return body.values if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And) else [body]


def is_rule(text):
    """Comparisons of sums, differences, products and quotients of arms and numbers, joined by `and`."""
    allowed = (ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Name, ast.Load, ast.Constant, ast.Call)
    try:
        parts = parts_of(text)
    except SyntaxError:
        return False
    sides = [side for part in parts if isinstance(part, ast.Compare) for side in (part.left, *part.comparators)]
    return (all(isinstance(part, ast.Compare) and all(isinstance(o, (ast.GtE, ast.LtE, ast.Gt, ast.Lt)) for o in part.ops) for part in parts)
            and all(isinstance(node, allowed) for side in sides for node in ast.walk(side))
            and all(isinstance(node.func, ast.Name) and node.func.id == "abs" and len(node.args) == 1
                    for side in sides for node in ast.walk(side) if isinstance(node, ast.Call)))


def claims_of(rule):
    claims = []
    for part in parts_of(rule):
        steps = [part.left, *part.comparators]
        claims += [claim_of(steps[i], operator, steps[i + 1]) for i, operator in enumerate(part.ops)]
    return claims


def resampled(samples, of):
    """`of` the means of samples whose seeds are drawn again with replacement, many times; the same every time. Arms have their seeds in
    common (the same random numbers for the same cell), so that a seed is drawn for all of them together: Glasserman & Yao 1992, Manage. Sci. 38:884."""
    chance = random.Random(2026)
    n = len(next(iter(samples.values())))
    draws = (chance.choices(range(n), k=n) for _ in range(RESAMPLES))
    return [of({arm: mean([values[seed] for seed in seeds]) for arm, values in samples.items()}) for seeds in draws]


def interval(values):
    """From the 5 % to the 95 % quantile."""
    in_order = sorted(v for v in values if not math.isnan(v))
    cut = int(ERROR * len(in_order))
    return in_order[cut], in_order[-1 - cut]


def p_of_permutations(a, b):
    """Two-sided exact permutation test of the difference of means, as of unpaired samples: where seeds in common make both arms rise and
    fall together p is too large rather than too small. (Signs of nine differences have 512 patterns: none could pass Holm over 180 claims.)"""
    both, n = a + b, len(a)
    expected = sum(both) * n / len(both)
    seen = abs(sum(a) - expected) * (1 - 1e-12)
    extreme = [abs(sum(part) - expected) >= seen for part in itertools.combinations(both, n)]
    return sum(extreme) / len(extreme)


def effect_of(claim, samples):
    """What the values of an assay, a list for each arm, say of a claim: the effect with its 90 % interval; of up and down p; of others the
    limit that the effect is judged by, and the share of resamples in which the claim holds."""
    if claim.kind != "other":
        pair = {arm: samples[arm] for arm in (claim.a, claim.b)}
        ratio = lambda arms: arms[claim.a] / max(arms[claim.b], 1e-9)
        low, high = interval(resampled(pair, ratio))
        p = math.nan if claim.kind == "absent" else p_of_permutations(*pair.values())
        return {**NOTHING, "effect": ratio(means_of(samples)), "low": low, "high": high, "p": p}
    # A right side that is a number is the limit of the left one; else the difference of both is compared with 0.
    left, operator, right = claim.sides()
    number = isinstance(right, ast.Constant)
    limit = float(right.value) if number else 0.0
    expression = ast.unparse(left if number else ast.BinOp(left, ast.Sub(), right))
    again = resampled({arm: samples[arm] for arm in arms_in(claim.text)}, lambda arms: value_of(expression, arms))
    low, high = interval(again)
    holding = sum(v < limit if isinstance(operator, (ast.LtE, ast.Lt)) else v > limit for v in again)
    return {**NOTHING, "effect": value_of(expression, means_of(samples)), "low": low, "high": high, "limit": limit,
            "confidence": holding / RESAMPLES}


def judge(results):
    """Holm over all that claim a difference; then each by its kind. Sets `verdict`, and `p` to the adjusted one."""
    tests = sorted((r for r in results if r["kind"] in ("up", "down")), key=lambda r: r["p"])
    holm = 0.0
    for rank, r in enumerate(tests):
        holm = r["p"] = max(holm, min(1.0, (len(tests) - rank) * r["p"]))
    for r in results:
        if r["kind"] == "absent":
            within = SAME[0] <= r["low"] and r["high"] <= SAME[1]
            r["verdict"] = "reproduced" if within else "undecided" if r["low"] <= 1 <= r["high"] else "not reproduced"
        elif r["kind"] == "other":
            sure = r["confidence"]
            r["verdict"] = "reproduced" if sure >= 1 - ERROR else "not reproduced" if sure <= ERROR else "undecided"
        else:
            beyond = r["effect"] >= LEAST_EFFECT if r["kind"] == "up" else r["effect"] <= 1 / LEAST_EFFECT
            other_way = r["effect"] < 1 if r["kind"] == "up" else r["effect"] > 1
            significant = r["p"] < SIGNIFICANCE
            r["verdict"] = "reproduced" if beyond and significant else "not reproduced" if significant or other_way else "undecided"
