//! Sums, products, powers, logarithms and whole-number arithmetic.

use super::args::{collect_numbers, out_of_range, strict_number, wrong};
use super::{Args, Body, Declared, declare};
use crate::formula::eval::{Outcome, Running, power};
use crate::value::{Array, CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare("SUM(number1, [number2], …)", "Adds numbers.", "=SUM(B2:B9)", Body::Whole(sum))
        .streaming(|numbers| Ok(Value::number(numbers.total()))),
    declare("PRODUCT(number1, [number2], …)", "Multiplies numbers.", "=PRODUCT(B2:B9)", Body::Whole(product)),
    declare(
        "SUMPRODUCT(array1, [array2], …)",
        "Multiplies arrays place by place and adds the products.",
        "=SUMPRODUCT(B2:B9,C2:C9)",
        Body::Whole(sum_product),
    ),
    declare(
        "ABS(number)",
        "The size of a number without its sign.",
        "=ABS(-3)",
        Body::Each(|args| each(args, f64::abs)),
    ),
    declare("SIGN(number)", "1, 0 or -1 by the sign of a number.", "=SIGN(-3)", Body::Each(|args| each(args, sign))),
    declare("SQRT(number)", "The square root.", "=SQRT(9)", Body::Each(|args| each(args, f64::sqrt))),
    declare(
        "POWER(number, exponent)",
        "A number raised to a power.",
        "=POWER(2,10)",
        Body::Each(|args| power(args.number(0)?, args.number(1)?)),
    ),
    declare("EXP(number)", "e raised to a power.", "=EXP(1)", Body::Each(|args| each(args, f64::exp))),
    declare("LN(number)", "The natural logarithm.", "=LN(10)", Body::Each(|args| each_positive(args, f64::ln))),
    declare("MOD(number, divisor)", "The remainder, with the sign of the divisor.", "=MOD(7,3)", Body::Each(modulo)),
];

/// Those fewer workbooks use.
pub(super) const FURTHER: &[Declared] = &[
    declare("SUMSQ(number1, [number2], …)", "Adds the squares of numbers.", "=SUMSQ(3,4)", Body::Whole(sum_squares)),
    declare(
        "SUMX2MY2(x, y)",
        "Adds the differences of squares of two arrays.",
        "=SUMX2MY2(B2:B9,C2:C9)",
        Body::Whole(|args| paired(args, |x, y| x * x - y * y)),
    ),
    declare(
        "SUMX2PY2(x, y)",
        "Adds the sums of squares of two arrays.",
        "=SUMX2PY2(B2:B9,C2:C9)",
        Body::Whole(|args| paired(args, |x, y| x * x + y * y)),
    ),
    declare(
        "SUMXMY2(x, y)",
        "Adds the squared differences of two arrays.",
        "=SUMXMY2(B2:B9,C2:C9)",
        Body::Whole(|args| paired(args, |x, y| (x - y) * (x - y))),
    ),
    declare(
        "SERIESSUM(x, n, m, coefficients)",
        "A power series: coefficients times rising powers of x.",
        "=SERIESSUM(2,0,1,{1,2,3})",
        Body::Whole(series_sum),
    ),
    declare(
        "SQRTPI(number)",
        "The square root of a number times π.",
        "=SQRTPI(2)",
        Body::Each(|args| each(args, |x| (x * std::f64::consts::PI).sqrt())),
    ),
    declare(
        "LOG10(number)",
        "The logarithm to base 10.",
        "=LOG10(100)",
        Body::Each(|args| each_positive(args, f64::log10)),
    ),
    declare("LOG(number, [base])", "The logarithm to a base, 10 if none is given.", "=LOG(8,2)", Body::Each(log)),
    declare("QUOTIENT(number, divisor)", "The whole part of a division.", "=QUOTIENT(7,3)", Body::Each(quotient)),
    declare("PI()", "The number π.", "=PI()", Body::Whole(|_| Ok(std::f64::consts::PI.into()))),
    declare("FACT(number)", "The factorial of a whole number.", "=FACT(5)", Body::Each(factorial)),
    declare(
        "FACTDOUBLE(number)",
        "The product of every second whole number.",
        "=FACTDOUBLE(7)",
        Body::Each(double_factorial),
    ),
    declare("COMBIN(number, chosen)", "Ways to choose, whatever the order.", "=COMBIN(8,2)", Body::Each(combinations)),
    declare(
        "COMBINA(number, chosen)",
        "Ways to choose with repetition.",
        "=COMBINA(4,3)",
        Body::Each(|args| {
            let (n, k) = (args.number(0)?.trunc(), args.number(1)?.trunc());
            if n < 0.0 || k < 0.0 || (n == 0.0 && k > 0.0) {
                return Err(out_of_range("the numbers must not be negative"));
            }
            Ok(Value::number(if k == 0.0 { 1.0 } else { choose(n + k - 1.0, k) }))
        }),
    ),
    declare("PERMUT(number, chosen)", "Ways to choose in order.", "=PERMUT(8,2)", Body::Each(permutations)),
    declare(
        "PERMUTATIONA(number, chosen)",
        "Ways to choose in order with repetition.",
        "=PERMUTATIONA(3,2)",
        Body::Each(|args| {
            let (n, k) = (args.number(0)?.trunc(), args.number(1)?.trunc());
            if n < 0.0 || k < 0.0 {
                return Err(out_of_range("the numbers must not be negative"));
            }
            Ok(Value::number(n.powf(k)))
        }),
    ),
    declare(
        "GCD(number1, [number2], …)",
        "The greatest common divisor.",
        "=GCD(12,18)",
        Body::Whole(|args| whole_numbers(args, gcd)),
    ),
    declare(
        "LCM(number1, [number2], …)",
        "The least common multiple.",
        "=LCM(4,6)",
        Body::Whole(|args| whole_numbers(args, lcm)),
    ),
    declare(
        "MULTINOMIAL(number1, [number2], …)",
        "The factorial of a sum over the product of factorials.",
        "=MULTINOMIAL(2,3,4)",
        Body::Whole(multinomial),
    ),
];

/// Applies a function to the number; what is not defined is `#NUM!`.
fn each(args: &Args<'_>, f: fn(f64) -> f64) -> Outcome {
    Ok(Value::number(f(args.number(0)?)))
}

fn each_positive(args: &Args<'_>, f: fn(f64) -> f64) -> Outcome {
    let number = args.number(0)?;
    if number <= 0.0 {
        return Err(out_of_range("a logarithm needs a number above 0"));
    }
    Ok(Value::number(f(number)))
}

fn sign(number: f64) -> f64 {
    if number == 0.0 { 0.0 } else { number.signum() }
}

/// Adds with Neumaier's compensation, so that the order of a long column does not show in the last digits.
pub(super) fn total(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut sum = Running::default();
    numbers.into_iter().for_each(|number| sum.add(number));
    sum.total()
}

fn sum(args: &Args<'_>) -> Outcome {
    Ok(Value::number(total(args.numbers(0)?)))
}

fn sum_squares(args: &Args<'_>) -> Outcome {
    Ok(Value::number(total(args.numbers(0)?.into_iter().map(|x| x * x))))
}

fn product(args: &Args<'_>) -> Outcome {
    let mut numbers = Vec::new();
    // A blank left out between commas is no factor.
    for arg in args.list().iter().filter(|arg| arg.passing != super::Passing::Omitted) {
        collect_numbers(arg, &mut numbers)?;
    }
    Ok(Value::number(if numbers.is_empty() { 0.0 } else { numbers.iter().product() }))
}

fn sum_product(args: &Args<'_>) -> Outcome {
    let arrays = (0..args.count()).map(|index| args.array(index)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = arrays.first() else { return Err(wrong("SUMPRODUCT needs an array")) };
    if arrays.iter().any(|array| (array.rows(), array.cols()) != (first.rows(), first.cols())) {
        return Err(wrong("the arrays must be of one size"));
    }
    let mut products = vec![1.0; first.cells().len()];
    for array in &arrays {
        for (product, value) in products.iter_mut().zip(array.cells()) {
            match value {
                Value::Number(number) => *product *= number,
                Value::Error(error) => return Err(error.clone()),
                _ => *product = 0.0,
            }
        }
    }
    Ok(Value::number(total(products)))
}

/// Pairs of numbers at the same places of two arrays; pairs with anything else do not count.
pub(super) fn number_pairs(a: &Array, b: &Array) -> Result<Vec<(f64, f64)>, CellError> {
    if a.cells().len() != b.cells().len() {
        return Err(CellError::because(ErrorKind::Na, "the arrays must have equally many values"));
    }
    let mut pairs = Vec::new();
    for pair in a.cells().iter().zip(b.cells()) {
        match pair {
            (Value::Error(error), _) | (_, Value::Error(error)) => return Err(error.clone()),
            (Value::Number(x), Value::Number(y)) => pairs.push((*x, *y)),
            _ => {}
        }
    }
    Ok(pairs)
}

fn paired(args: &Args<'_>, f: fn(f64, f64) -> f64) -> Outcome {
    let pairs = number_pairs(&*args.array(0)?, &*args.array(1)?)?;
    if pairs.is_empty() {
        return Err(CellError::new(ErrorKind::Div0));
    }
    Ok(Value::number(total(pairs.into_iter().map(|(x, y)| f(x, y)))))
}

fn series_sum(args: &Args<'_>) -> Outcome {
    let of = |index| strict_number(args.value(index));
    let (x, n, m) = (of(0)?, of(1)?, of(2)?);
    let mut sum = 0.0;
    for (index, coefficient) in args.array(3)?.cells().iter().enumerate() {
        if let Value::Text(_) | Value::Bool(_) = coefficient {
            return Err(wrong("the coefficients must be numbers"));
        }
        sum += coefficient.to_number()? * power(x, n + index as f64 * m)?.to_number()?;
    }
    Ok(Value::number(sum))
}

fn log(args: &Args<'_>) -> Outcome {
    let (number, base) = (args.number(0)?, if args.count() > 1 { args.number(1)? } else { 10.0 });
    if number <= 0.0 || base <= 0.0 {
        return Err(out_of_range("a logarithm needs numbers above 0"));
    }
    if base == 1.0 {
        return Err(CellError::new(ErrorKind::Div0));
    }
    let exact = if base == 10.0 {
        number.log10()
    } else if base == 2.0 {
        number.log2()
    } else {
        number.ln() / base.ln()
    };
    Ok(Value::number(exact))
}

/// How often the divisor of MOD may go into the number: Excel's limit, beyond which no digit of the rest is sure.
const MOST_TIMES: f64 = 1_125_900_000_000.0;

fn modulo(args: &Args<'_>) -> Outcome {
    let (number, divisor) = (args.number(0)?, args.number(1)?);
    if divisor == 0.0 {
        return Err(CellError::new(ErrorKind::Div0));
    }
    if (number / divisor).abs() > MOST_TIMES {
        return Err(out_of_range("the divisor goes into the number too often"));
    }
    let remainder = number % divisor;
    let signed = if remainder != 0.0 && (remainder < 0.0) != (divisor < 0.0) { remainder + divisor } else { remainder };
    Ok(Value::number(signed))
}

fn quotient(args: &Args<'_>) -> Outcome {
    let (number, divisor) = (args.number(0)?, args.number(1)?);
    if divisor == 0.0 {
        return Err(CellError::new(ErrorKind::Div0));
    }
    Ok(Value::number((number / divisor).trunc()))
}

fn factorial(args: &Args<'_>) -> Outcome {
    let number = args.number(0)?.trunc();
    if !(0.0..=170.0).contains(&number) {
        return Err(out_of_range("the factorial is defined from 0 to 170"));
    }
    Ok(Value::number((1..=number as u32).map(f64::from).product()))
}

fn double_factorial(args: &Args<'_>) -> Outcome {
    let number = args.number(0)?.trunc();
    if !(-1.0..=300.0).contains(&number) {
        return Err(out_of_range("the double factorial is defined from -1 to 300"));
    }
    Ok(Value::number((1..=number as i32).rev().step_by(2).map(f64::from).product()))
}

/// Binomial coefficient of whole numbers.
pub(super) fn choose(n: f64, k: f64) -> f64 {
    let k = k.min(n - k);
    if k > 10_000.0 {
        return f64::INFINITY;
    }
    let mut result = 1.0;
    for step in 1..=k as u32 {
        result = result * (n - k + f64::from(step)) / f64::from(step);
        if result.is_infinite() {
            break;
        }
    }
    if result < 9e15 { result.round() } else { result }
}

fn combinations(args: &Args<'_>) -> Outcome {
    let (n, k) = (args.number(0)?.trunc(), args.number(1)?.trunc());
    if n < 0.0 || k < 0.0 || k > n {
        return Err(out_of_range("so many cannot be chosen"));
    }
    Ok(Value::number(choose(n, k)))
}

fn permutations(args: &Args<'_>) -> Outcome {
    let (n, k) = (args.number(0)?.trunc(), args.number(1)?.trunc());
    if n <= 0.0 || k < 0.0 || k > n || k > 200.0 {
        return Err(out_of_range("so many cannot be chosen"));
    }
    Ok(Value::number((0..k as u32).map(|step| n - f64::from(step)).product()))
}

fn whole_numbers(args: &Args<'_>, fold: fn(f64, f64) -> f64) -> Outcome {
    let mut result: Option<f64> = None;
    for number in args.strict_numbers()? {
        if !(0.0..9_007_199_254_740_992.0).contains(&number) {
            return Err(out_of_range("the numbers must be whole and not negative"));
        }
        result = Some(result.map_or(number.trunc(), |so_far| fold(so_far, number.trunc())));
    }
    result.map(Value::number).ok_or_else(|| wrong("there is no number"))
}

fn gcd(mut a: f64, mut b: f64) -> f64 {
    while b != 0.0 {
        (a, b) = (b, a % b);
    }
    a
}

fn lcm(a: f64, b: f64) -> f64 {
    if a == 0.0 || b == 0.0 { 0.0 } else { a / gcd(a, b) * b }
}

fn multinomial(args: &Args<'_>) -> Outcome {
    let (mut result, mut sum) = (1.0, 0.0);
    for number in args.strict_numbers()? {
        let number = number.trunc();
        if number < 0.0 {
            return Err(out_of_range("the numbers must not be negative"));
        }
        sum += number;
        result *= choose(sum, number);
    }
    Ok(Value::number(result))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::{Mock, check};
    use crate::value::Value;

    #[test]
    fn arithmetic() {
        check(&[
            ("SUM(1,\"2\",TRUE,{4,\"x\",TRUE})", "8"),
            ("SUM(1,1/0)", "#DIV/0!"),
            ("SUM(0.1,0.2,0.3)=0.6", "TRUE"),
            ("PRODUCT(2,3,{4;5})", "120"),
            ("SUMPRODUCT({1,2;3,4},{5,6;7,8})", "70"),
            ("SUMPRODUCT({1,2},{1;2})", "#VALUE!"),
            ("SUMPRODUCT(({1,2,3}>1)*{10,20,30})", "50"),
            ("SUMSQ(3,4)", "25"),
            ("SUMX2MY2({2,3},{1,1})", "11"),
            ("SUMXMY2({2,3},{1,1})", "5"),
            ("MOD(-7,3)", "2"),
            ("MOD(7,-3)", "-2"),
            ("MOD(1,0)", "#DIV/0!"),
            ("QUOTIENT(-7,2)", "-3"),
            ("ABS({-1,2})", "{1,2}"),
            ("SIGN(-0.5)", "-1"),
            ("SQRT(-1)", "#NUM!"),
            ("POWER(2,0.5)", "2^0.5"),
            ("LN(0)", "#NUM!"),
            ("LOG(8,2)", "3"),
            ("LOG(1000)", "3"),
            ("LOG(8,1)", "#DIV/0!"),
            ("EXP(1)", "2.718281828459045"),
            ("FACT(5)", "120"),
            ("FACT(171)", "#NUM!"),
            ("FACTDOUBLE(7)", "105"),
            ("COMBIN(8,2)", "28"),
            ("COMBINA(4,3)", "20"),
            ("PERMUT(8,2)", "56"),
            ("GCD(12,18,8)", "2"),
            ("LCM(4,6)", "12"),
            ("MULTINOMIAL(2,3,4)", "1260"),
            ("SERIESSUM(2,0,1,{1,2,3})", "17"),
        ]);
    }

    #[test]
    fn sums_skip_texts_in_cells_but_not_typed_ones() {
        let mock = Mock::with_rows(&[["5".into(), true.into(), 2.0.into(), Value::Blank]]);
        mock.check(&[("SUM(A1:D1)", "2"), ("SUM(A1,B1,3)", "3"), ("A1+B1", "6"), ("SUM(A1+0)", "5")]);
    }
}
