CREATE TABLE "consent_filings" (
	"consent" text NOT NULL,
	"protocol" text NOT NULL,
	"account" text NOT NULL,
	"signature" text NOT NULL,
	"max_relief_wad" numeric(78, 0),
	"filed_by" text NOT NULL,
	"filed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "consent_filings_consent_protocol_pk" PRIMARY KEY("consent","protocol")
);
--> statement-breakpoint
CREATE TABLE "netting_consents" (
	"id" text PRIMARY KEY NOT NULL,
	"document" jsonb NOT NULL,
	"valid_until" timestamp (3) with time zone NOT NULL,
	"in_force_from" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"ended_by" text
);
--> statement-breakpoint
CREATE INDEX "consent_filings_by_account" ON "consent_filings" USING btree ("protocol","account");--> statement-breakpoint
CREATE INDEX "consent_filings_by_protocol" ON "consent_filings" USING btree ("protocol","filed_at","consent");