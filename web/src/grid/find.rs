//! Finding texts in cells, and replacing them.

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    pub text: String,
    /// Upper and lower case differ.
    pub exact_case: bool,
}

impl Search {
    /// Whether a cell's text holds what is looked for; nothing is found by an empty search.
    pub fn matches(&self, cell: &str) -> bool {
        if self.text.is_empty() {
            return false;
        }
        if self.exact_case {
            cell.contains(&self.text)
        } else {
            cell.to_lowercase().contains(&self.text.to_lowercase())
        }
    }

    /// The text with every place of what is looked for replaced.
    pub fn replaced(&self, cell: &str, by: &str) -> String {
        if self.text.is_empty() {
            return cell.to_owned();
        }
        if self.exact_case {
            return cell.replace(&self.text, by);
        }
        let wanted: Vec<char> = self.text.chars().flat_map(char::to_lowercase).collect();
        let characters: Vec<char> = cell.chars().collect();
        let mut out = String::with_capacity(cell.len());
        let mut at = 0;
        while at < characters.len() {
            match matched(&characters[at..], &wanted) {
                Some(length) => {
                    out.push_str(by);
                    at += length;
                }
                None => {
                    out.push(characters[at]);
                    at += 1;
                }
            }
        }
        out
    }
}

/// How many characters at the start read as `wanted` in lower case.
fn matched(characters: &[char], wanted: &[char]) -> Option<usize> {
    let mut rest = wanted;
    for (length, character) in characters.iter().enumerate() {
        if rest.is_empty() {
            return Some(length);
        }
        for lower in character.to_lowercase() {
            rest = rest.strip_prefix(&[lower])?;
        }
    }
    rest.is_empty().then_some(characters.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_and_replaced_whatever_their_case() {
        let any = Search { text: "sku".into(), exact_case: false };
        assert!(any.matches("My SKU-1"));
        assert_eq!(any.replaced("SKU-1 sku-2 SK", "item"), "item-1 item-2 SK");
        let exact = Search { text: "sku".into(), exact_case: true };
        assert!(!exact.matches("SKU-1"));
        assert_eq!(exact.replaced("SKU-1 sku-2", "item"), "SKU-1 item-2");
        assert!(!Search::default().matches("anything"));
        assert_eq!(Search { text: "ß".into(), exact_case: false }.replaced("Straße", "ss"), "Strasse");
    }
}
