//! API Gateway as `template.yaml` describes it: which route takes a request, and which function answers there.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::template;

/// The route for what fits no other.
pub const DEFAULT: &str = "$default";

/// The API's routes.
pub struct Gateway {
    /// The folder of the function, by the route's key: `GET /f/{campaign}`.
    pub routes: BTreeMap<String, String>,
}

impl Gateway {
    /// Reads this repository's template.
    pub fn read() -> Self {
        let template = template::read();
        let resources = template["Resources"].as_object().expect("resources");
        let routes = resources.values().filter(|resource| resource["Type"] == "AWS::ApiGatewayV2::Route");
        let text = |value: &Value| value.as_str().map(str::to_owned).expect("a text");
        let route = |route: &Value| {
            let target = text(&route["Properties"]["Target"]["Fn::Sub"]);
            let integration = target.strip_prefix("integrations/${").and_then(|rest| rest.strip_suffix('}'));
            let integration = &resources[integration.expect("an integration")]["Properties"];
            let function = text(&integration["IntegrationUri"]["Fn::GetAtt"][0]);
            let folder = text(&resources[&function]["Properties"]["CodeUri"]);
            let folder = folder.strip_prefix("functions/").expect("a function's folder");
            (text(&route["Properties"]["RouteKey"]), folder.to_owned())
        };
        Self { routes: routes.map(route).collect() }
    }

    /// The key of the route that takes a request, and the function that answers there.
    pub fn route(&self, method: &str, path: &str) -> (&str, &str) {
        let path = path.split('?').next().unwrap_or_default();
        let fits =
            |key: &str| key.split_once(' ').is_some_and(|(of, shape)| of == method && has_shape(path, shape));
        let found = self.routes.iter().find(|(key, _)| fits(key));
        let (key, function) = found.or(self.routes.get_key_value(DEFAULT)).expect("a route");
        (key, function)
    }
}

/// A parameter stands for one part of a path, which is not empty.
fn has_shape(path: &str, shape: &str) -> bool {
    let (path, shape): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), shape.split('/').collect());
    let fits = |(part, shape): (&&str, &&str)| part == shape || (shape.starts_with('{') && !part.is_empty());
    path.len() == shape.len() && path.iter().zip(&shape).all(fits)
}
