import type {
	APIGatewayEventRequestContextV2,
	APIGatewayProxyEventV2WithRequestContext,
	APIGatewayProxyStructuredResultV2,
} from "aws-lambda";
import type { Principal } from "../core/principal.ts";

/**
 * A request as an HTTP API or Function URL hands it over (payload format 2.0). Our own middleware fills in the
 * authorizer, in the place and form of API Gateway's Lambda authorizers, the header fields of the rate limit, and the
 * template of the route, such as `/v1/tasks/{task_id}`.
 */
export type ApiEvent = APIGatewayProxyEventV2WithRequestContext<
	APIGatewayEventRequestContextV2 & {
		authorizer?: { lambda: Principal };
		rateLimit?: Readonly<Record<string, string>>;
		route?: string;
	}
>;

export type ApiResult = APIGatewayProxyStructuredResultV2;

/**
 * A header's value. API Gateway gives names in lower case and joins repeated headers with commas; events that people
 * write by hand, to try the function, may have none.
 */
export const headerOf = ({ headers }: Partial<Pick<ApiEvent, "headers">>, name: string): string | undefined =>
	headers?.[name];
